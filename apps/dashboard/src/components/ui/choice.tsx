import type { ReactNode } from 'react';

type Props<T extends string> = {
  readonly label: string;
  /** Null: none of them. */
  readonly value: T | null;
  readonly options: readonly { readonly value: T; readonly label: ReactNode }[];
  readonly onChange: (value: T) => void;
};

/** A few choices side by side, one of them taken. */
export function Choice<T extends string>({ label, value, options, onChange }: Props<T>) {
  return (
    <div role="group" aria-label={label} className="flex rounded-lg border bg-surface p-0.5">
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          onClick={() => onChange(option.value)}
          className="rounded-md px-3 py-1 font-medium text-muted hover:text-text aria-pressed:bg-sunken aria-pressed:text-text"
        >
          {option.label}
        </button>
      ))}
    </div>
  );
}
