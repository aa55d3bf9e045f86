import { useId, type ComponentProps } from 'react';
import { cn } from '../../lib/cn.ts';

type Props = Omit<ComponentProps<'input'>, 'type'> & {
  readonly label: string;
  readonly hint?: string;
};

export function CheckField({ label, hint, className, ...rest }: Props) {
  const id = useId();
  return (
    <div className={cn('flex items-start gap-2.5', className)}>
      <input
        {...rest}
        id={id}
        type="checkbox"
        aria-describedby={hint === undefined ? undefined : `${id}-about`}
        className="mt-0.5 size-4 shrink-0 accent-accent"
      />
      <div>
        <label htmlFor={id} className="block font-medium">
          {label}
        </label>
        {hint !== undefined && (
          <p id={`${id}-about`} className="text-[13px] text-muted">
            {hint}
          </p>
        )}
      </div>
    </div>
  );
}
