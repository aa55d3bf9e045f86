import type { Account } from '@courierx/contract';
import { useState } from 'react';
import { Button } from '../../../components/ui/button.tsx';
import { Dialog } from '../../../components/ui/dialog.tsx';
import { FormError } from '../../../components/ui/form.tsx';
import { FormErrors } from '../../../components/ui/field.tsx';
import { Section } from '../../../components/ui/section.tsx';
import { TextField } from '../../../components/ui/text-field.tsx';
import { useDeleteAccount } from '../api/account.ts';

export function DeleteAccount({ account }: { readonly account: Account }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Section title="Delete the account">
      <p className="text-muted">
        Its mail, connections, keys and lists go with it. Mail that waits is not sent. There is no
        way back.
      </p>
      <Button variant="danger" onClick={() => setOpen(true)}>
        Delete the account
      </Button>
      <Dialog
        title={`Delete ${account.name}?`}
        about="Everything of it goes, also mail that waits to be sent."
        isOpen={isOpen}
        onOpenChange={setOpen}
      >
        <Sure account={account} />
      </Dialog>
    </Section>
  );
}

function Sure({ account }: { readonly account: Account }) {
  const [typed, setTyped] = useState('');
  const [password, setPassword] = useState('');
  const remove = useDeleteAccount();
  const isSure = typed.trim() === account.name && password !== '';
  return (
    <FormError value={remove.error}>
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (isSure) remove.mutate(password);
        }}
      >
        <TextField
          label="The account’s name"
          name="typed"
          hint={`Type ${account.name}`}
          autoComplete="off"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        <TextField
          label="Password"
          name="password"
          type="password"
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        <FormErrors error={remove.error} fields={['password']} />
        <Button
          type="submit"
          variant="danger"
          disabled={!isSure}
          isBusy={remove.isPending || remove.isSuccess}
        >
          Delete it for good
        </Button>
      </form>
    </FormError>
  );
}
