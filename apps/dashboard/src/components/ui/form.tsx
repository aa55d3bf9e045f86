import { createContext, useState, type ReactNode } from 'react';
import { cn } from '../../lib/cn.ts';
import { readForm } from '../../lib/read-form.ts';
import { Button } from './button.tsx';
import { FormErrors } from './field.tsx';

/** What the server said of the form around a field. */
export const FormError = createContext<unknown>(null);

/** In a dialog it stays in sight, however long the form is. */
const AT_THE_BOTTOM =
  '[[role=dialog]>form>&]:sticky [[role=dialog]>form>&]:-bottom-5 [[role=dialog]>form>&]:z-10 [[role=dialog]>form>&]:-mx-5 [[role=dialog]>form>&]:-mb-5 [[role=dialog]>form>&]:border-t [[role=dialog]>form>&]:bg-surface [[role=dialog]>form>&]:px-5 [[role=dialog]>form>&]:py-3.5';

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
        <div className={cn('flex items-center gap-3', AT_THE_BOTTOM)}>
          <Button type="submit" variant="primary" isBusy={isPending}>
            {action}
          </Button>
          {note}
        </div>
      </form>
    </FormError>
  );
}
