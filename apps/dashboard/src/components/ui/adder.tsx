import { Plus } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { readForm } from '../../lib/read-form.ts';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { FormErrors } from './field.tsx';

type AdderProps = {
  readonly title: string;
  readonly action: string;
  readonly isPending: boolean;
  readonly error: unknown;
  readonly onSubmit: (fields: Record<string, string>) => Promise<unknown>;
  readonly children: ReactNode;
};

/** A button that opens a form, which closes when what it asked for is done. */
export function Adder(props: AdderProps) {
  const { title, action, isPending, error, onSubmit, children } = props;
  const [isOpen, setOpen] = useState(false);
  const submit = (form: HTMLFormElement) =>
    onSubmit(readForm(form)).then(
      () => setOpen(false),
      // Shown by `error`.
      () => undefined,
    );
  return (
    <>
      <Button variant="primary" onClick={() => setOpen(true)}>
        <Plus aria-hidden /> {title}
      </Button>
      <Dialog title={title} isOpen={isOpen} onOpenChange={setOpen}>
        <form
          className="space-y-4"
          onSubmit={(event) => {
            event.preventDefault();
            void submit(event.currentTarget);
          }}
        >
          {children}
          <FormErrors error={error} fields={[]} />
          <Button type="submit" variant="primary" isBusy={isPending}>
            {action}
          </Button>
        </form>
      </Dialog>
    </>
  );
}
