import { Select } from './input.tsx';

type Props = {
  readonly label: string;
  /** What is shown where nothing is chosen. */
  readonly any: string;
  readonly value: string | undefined;
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly className?: string;
  /** Called with '' for any. */
  readonly onChange: (value: string) => void;
};

export function FilterSelect({
  label,
  any,
  value,
  options,
  className = 'w-auto',
  onChange,
}: Props) {
  return (
    <Select
      aria-label={label}
      className={className}
      value={value ?? ''}
      onChange={(event) => onChange(event.target.value)}
    >
      <option value="">{any}</option>
      {options.map(([name, text]) => (
        <option key={name} value={name}>
          {text}
        </option>
      ))}
    </Select>
  );
}
