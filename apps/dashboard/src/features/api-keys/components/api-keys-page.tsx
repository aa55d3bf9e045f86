import { KeyRound } from 'lucide-react';
import { EmptyState } from '../../../components/ui/states.tsx';
import type { ApiKey, CreatedApiKey } from '@courierx/contract';
import { useQuery } from '@tanstack/react-query';
import { Adder } from '../../../components/ui/adder.tsx';
import { StatusBadge } from '../../../components/ui/badge.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { Confirm } from '../../../components/ui/dialog.tsx';
import { PageHeader } from '../../../components/ui/card.tsx';
import { Section } from '../../../components/ui/section.tsx';
import { CodeSample } from '../../../components/ui/code-sample.tsx';
import { CopyValue } from '../../../components/ui/copy-button.tsx';
import { FormErrors } from '../../../components/ui/field.tsx';
import { SelectField, TextField } from '../../../components/ui/text-field.tsx';
import { DataTable } from '../../../components/ui/data-table.tsx';
import { MaybeTime } from '../../../components/ui/time.tsx';
import { callApi } from '../../../lib/api-client.ts';
import { useChange } from '../../../lib/use-change.ts';
import { sampleCalls, sampleOf } from '../../../lib/samples.ts';

const FIRST_MAIL = { from: 'hello@yourapp.com', to: 'user@example.com' };

export function ApiKeysPage() {
  const make = useChange<CreatedApiKey>('api-keys', { inForm: true });
  const change = useChange<unknown>('api-keys');
  const { data: keys, error } = useQuery({
    queryKey: ['api-keys'],
    queryFn: () => callApi<ApiKey[]>('GET', '/api_keys?per_page=100'),
  });
  return (
    <>
      <PageHeader title="API keys" />
      <div className="space-y-5">
        <Adder
          title="Make a key"
          action="Make"
          isPending={make.isPending}
          error={make.error}
          onSubmit={(body) => make.mutateAsync({ method: 'POST', path: '/api_keys', body })}
        >
          <TextField label="Name" name="name" required />
          <SelectField
            label="May"
            name="role"
            options={[
              ['full', 'do everything'],
              ['send', 'only send'],
              ['read', 'only read'],
            ]}
          />
          <SelectField
            label="Mode"
            name="mode"
            options={[
              ['live', 'live'],
              ['test', 'test: mail goes to the sandbox alone'],
            ]}
          />
        </Adder>
        {make.data && (
          <Section title={make.data.name}>
            <p className="mb-2 text-sm">
              The key is shown this once. Keep it where your program reads it.
            </p>
            <CopyValue label="Copy" value={make.data.raw_key} />
            <CodeSample {...sampleOf(sampleCalls.send(FIRST_MAIL), make.data.raw_key)} />
          </Section>
        )}
        <FormErrors error={error} fields={[]} />
        <Section>
          {keys?.length === 0 ? (
            <EmptyState icon={KeyRound} title="No key yet">
              Make one for your program to send with.
            </EmptyState>
          ) : (
            <DataTable
              keyOf={({ id }) => id}
              caption="API keys"
              rows={keys ?? []}
              columns={[
                { label: 'Name', render: ({ name }) => name },
                {
                  label: 'Key',
                  render: ({ prefix }) => <code className="text-xs">{prefix}…</code>,
                },
                { label: 'May', render: ({ role }) => role },
                { label: 'Mode', render: ({ mode }) => <StatusBadge status={mode} /> },
                {
                  label: 'Last used',
                  render: ({ last_used_at: time }) => <MaybeTime value={time} />,
                },
                {
                  label: 'Change',
                  render: ({ id, name }) => (
                    <Confirm
                      title={`Delete ${name}?`}
                      about="Programs that use it are refused at once."
                      action="Delete"
                      isDangerous
                      onConfirm={() => change.mutate({ method: 'DELETE', path: `/api_keys/${id}` })}
                    >
                      <Button variant="danger" aria-label={`Delete ${name}`}>
                        Delete
                      </Button>
                    </Confirm>
                  ),
                },
              ]}
            />
          )}
        </Section>
      </div>
    </>
  );
}
