import type { AuditEntry, UpdatedAccount } from '@courierx/contract';
import { useQuery } from '@tanstack/react-query';
import { PageHeader } from '../../../components/ui/card.tsx';
import { Section } from '../../../components/ui/section.tsx';
import { Form } from '../../../components/ui/form.tsx';
import { SelectField, TextField } from '../../../components/ui/text-field.tsx';
import { DataTable } from '../../../components/ui/data-table.tsx';
import { MaybeTime } from '../../../components/ui/time.tsx';
import { callApi } from '../../../lib/api-client.ts';
import { useChange } from '../../../lib/use-change.ts';
import { sessionQuery } from '../../../lib/session.ts';

export function SettingsPage() {
  const { data: session } = useQuery(sessionQuery);
  const account = session?.account;
  const { data: log } = useQuery({
    queryKey: ['audit-log'],
    queryFn: () => callApi<AuditEntry[]>('GET', '/audit_log?per_page=25'),
  });
  return (
    <>
      <PageHeader title="Settings" />
      <div className="space-y-5">
        {account && (
          <AccountForm title="Account">
            <TextField label="Name" name="name" defaultValue={account.name} required />
            <SelectField
              label="A mail that may have left"
              name="on_unknown"
              defaultValue={account.on_unknown}
              options={[
                ['fail_over', 'goes through the next connection'],
                ['hold', 'is held for you to decide'],
                ['resend', 'goes out again'],
              ]}
            />
            <SelectField
              label="Refused credentials"
              name="on_auth_failure"
              defaultValue={account.on_auth_failure}
              options={[
                ['stop', 'fail the mail'],
                ['fail_over', 'send it through the next connection'],
              ]}
            />
          </AccountForm>
        )}
        <AccountForm title="Password">
          <TextField
            label="Current password"
            name="current_password"
            type="password"
            autoComplete="current-password"
            required
          />
          <TextField
            label="New password"
            name="password"
            type="password"
            autoComplete="new-password"
            hint="Other sessions end."
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
        <Section title="Who changed what">
          <DataTable
            keyOf={({ id }) => id}
            caption="Audit log"
            rows={log ?? []}
            columns={[
              { label: 'What', render: ({ action }) => <code className="text-xs">{action}</code> },
              { label: 'By', render: ({ actor }) => actor },
              { label: 'When', render: ({ occurred_at: time }) => <MaybeTime value={time} /> },
            ]}
          />
        </Section>
      </div>
    </>
  );
}

function AccountForm({ title, children }: { title: string; children: React.ReactNode }) {
  const change = useChange<UpdatedAccount>('session', { inForm: true });
  return (
    <Section title={title}>
      <Form
        action="Save"
        className="grid gap-4 sm:grid-cols-2"
        isPending={change.isPending}
        error={change.error}
        note={change.isSuccess && <span role="status">Saved.</span>}
        onSubmit={(body) => change.mutate({ method: 'PATCH', path: '/auth/me', body })}
      >
        {children}
      </Form>
    </Section>
  );
}
