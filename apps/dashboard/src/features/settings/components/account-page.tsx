import type { Account, UpdateAccountRequest } from '@courierx/contract';
import { useState, type ReactNode } from 'react';
import { Button } from '../../../components/ui/button.tsx';
import { Form } from '../../../components/ui/form.tsx';
import { Section } from '../../../components/ui/section.tsx';
import { TextField } from '../../../components/ui/text-field.tsx';
import { closeFirstSteps, useFirstStepsClosed } from '../../../lib/first-steps-shown.ts';
import { useUpdateAccount } from '../api/account.ts';
import { DeleteAccount } from './delete-account.tsx';
import { SettingsFrame, useAccount } from './settings-frame.tsx';

export function AccountPage() {
  const account = useAccount();
  return (
    <SettingsFrame>
      {account !== undefined && (
        <>
          <AccountForm title="Account">
            <TextField label="Name" name="name" defaultValue={account.name} required />
          </AccountForm>
          <AccountForm title="Email">
            <TextField
              label="Email"
              name="email"
              type="email"
              autoComplete="username"
              defaultValue={account.email}
              hint="You sign in with it."
              required
            />
            <CurrentPassword />
          </AccountForm>
          <AccountForm title="Password" isEmptied>
            <CurrentPassword />
            <div className="hidden sm:block" />
            <TextField
              label="New password"
              name="password"
              type="password"
              autoComplete="new-password"
              hint="At least 8 characters. Every other browser is signed out; API keys stay."
              required
            />
            <TextField
              label="New password again"
              name="password_confirmation"
              type="password"
              autoComplete="new-password"
              required
            />
          </AccountForm>
          <FirstStepsAgain account={account} />
          <DeleteAccount account={account} />
        </>
      )}
    </SettingsFrame>
  );
}

function CurrentPassword() {
  return (
    <TextField
      label="Current password"
      name="current_password"
      type="password"
      autoComplete="current-password"
      required
    />
  );
}

type FormProps = {
  readonly title: string;
  /** What was typed does not stay. */
  readonly isEmptied?: boolean;
  readonly children: ReactNode;
};

function AccountForm({ title, isEmptied, children }: FormProps) {
  const change = useUpdateAccount();
  const [round, setRound] = useState(0);
  const submit = (body: UpdateAccountRequest) =>
    change.mutate(body, { onSuccess: () => isEmptied === true && setRound(round + 1) });
  return (
    <Section title={title}>
      <Form
        key={round}
        action={`Save ${title.toLowerCase()}`}
        className="grid gap-4 sm:grid-cols-2"
        isPending={change.isPending}
        error={change.error}
        note={change.isSuccess && <span role="status">Saved.</span>}
        onSubmit={submit}
      >
        {children}
      </Form>
    </Section>
  );
}

function FirstStepsAgain({ account }: { readonly account: Account }) {
  const isClosed = useFirstStepsClosed(account.id);
  if (!isClosed) return null;
  return (
    <Section title="First steps">
      <p className="text-muted">You closed them. They are on the overview until all are done.</p>
      <Button onClick={() => closeFirstSteps(account.id, false)}>Show them again</Button>
    </Section>
  );
}
