import { createContext, useState, type ReactNode } from 'react';
import { readForm } from '../../lib/read-form.ts';
import { Button } from './button.tsx';
import { FormErrors } from './field.tsx';

/** What the server said of the form around a field. */
export const FormError = createContext<unknown>(null);

type FormProps = {
  readonly action: string;
  readonly isPending: boolean;
  readonly error: unknown;
  readonly onSubmit: (fields: Record<string, string>) => void;
  /** Beside the button. */
  readonly note?: ReactNode;
  readonly className?: string;
  readonly children: ReactNode;
};

/** Fields that show what is wrong with them, and all that is of no field below. */
export function Form(props: FormProps) {
  const { action, isPending, error, onSubmit, note, className = 'space-y-4', children } = props;
  const [names, setNames] = useState<readonly string[]>([]);
  return (
    <FormError value={error}>
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          const form = event.currentTarget;
          setNames([...new FormData(form).keys()]);
          onSubmit(readForm(form));
        }}
      >
        <div className={className}>{children}</div>
        <FormErrors error={error} fields={names} />
        <div className="flex items-center gap-3">
          <Button type="submit" variant="primary" isBusy={isPending}>
            {action}
          </Button>
          {note}
        </div>
      </form>
    </FormError>
  );
}
