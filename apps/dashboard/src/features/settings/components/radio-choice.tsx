import { useId } from 'react';

type Option<T extends string> = {
  readonly value: T;
  readonly label: string;
  readonly about: string;
};

type Props<T extends string> = {
  readonly name: string;
  readonly legend: string;
  readonly about: string;
  readonly value: T;
  readonly options: readonly Option<T>[];
  readonly onChange: (value: T) => void;
};

/** One of a few, each with what follows from it. */
export function RadioChoice<T extends string>(props: Props<T>) {
  const { name, legend, about, value, options, onChange } = props;
  const id = useId();
  return (
    <fieldset
      aria-describedby={`${id}-about`}
      className="border-t pt-4 first:border-t-0 first:pt-0"
    >
      <legend className="float-left mb-0.5 w-full font-medium">{legend}</legend>
      <p id={`${id}-about`} className="clear-left mb-3 text-muted">
        {about}
      </p>
      <div className="grid gap-2 lg:grid-cols-3">
        {options.map((option) => (
          <label
            key={option.value}
            className="flex cursor-pointer gap-2.5 rounded-lg border p-3 hover:bg-sunken has-checked:border-accent has-checked:ring-1 has-checked:ring-accent has-focus-visible:outline-2 has-focus-visible:outline-accent"
          >
            <input
              type="radio"
              name={`${id}-${name}`}
              aria-label={option.label}
              aria-describedby={`${id}-${option.value}`}
              className="mt-0.5 size-4 shrink-0 accent-accent"
              checked={value === option.value}
              onChange={() => onChange(option.value)}
            />
            <span>
              <span className="block font-medium">{option.label}</span>
              <span id={`${id}-${option.value}`} className="block text-[13px] text-muted">
                {option.about}
              </span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
