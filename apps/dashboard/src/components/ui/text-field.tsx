import { useContext, type ComponentProps } from 'react';
import { Field } from './field.tsx';
import { FormError } from './form.tsx';
import { Input, Select } from './input.tsx';

type About = { readonly label: string; readonly name: string; readonly hint?: string };

export function TextField({ label, name, hint, ...rest }: About & ComponentProps<'input'>) {
  return (
    <Field label={label} name={name} hint={hint} error={useContext(FormError)}>
      {(control) => <Input {...rest} {...control} />}
    </Field>
  );
}

type SelectFieldProps = About &
  ComponentProps<'select'> & {
    readonly options: readonly (readonly [value: string, text: string])[];
  };

export function SelectField({ label, name, hint, options, ...rest }: SelectFieldProps) {
  return (
    <Field label={label} name={name} hint={hint} error={useContext(FormError)}>
      {(control) => (
        <Select {...rest} {...control}>
          {options.map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}
