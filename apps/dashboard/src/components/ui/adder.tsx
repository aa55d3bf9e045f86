import { Plus } from 'lucide-react';
import type { ReactNode } from 'react';
import { useNewForm } from '../../lib/use-new-form.ts';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { Form } from './form.tsx';

type AdderProps = {
  readonly title: string;
  readonly action: string;
  readonly isPending: boolean;
  readonly error: unknown;
  readonly onSubmit: (fields: Record<string, string>) => Promise<unknown>;
  readonly children: ReactNode;
};

/** A button that opens the page's form for a new one, which closes when that is made. */
export function Adder(props: AdderProps) {
  const { title, action, isPending, error, onSubmit, children } = props;
  const [isOpen, setOpen] = useNewForm();
  const submit = (fields: Record<string, string>) =>
    onSubmit(fields).then(
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
        <Form
          action={action}
          isPending={isPending}
          error={error}
          onSubmit={(fields) => void submit(fields)}
        >
          {children}
        </Form>
      </Dialog>
    </>
  );
}
