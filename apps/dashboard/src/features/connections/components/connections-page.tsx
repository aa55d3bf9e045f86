import { Plug } from 'lucide-react';
import { EmptyState } from '../../../components/ui/states.tsx';
import type {
  ProviderConnection,
  ProviderName,
  VerificationAnswer,
  WebhookSetupAnswer,
} from '@courierx/contract';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Adder } from '../../../components/ui/adder.tsx';
import { StatusBadge } from '../../../components/ui/badge.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { Confirm } from '../../../components/ui/dialog.tsx';
import { PageHeader } from '../../../components/ui/card.tsx';
import { Section } from '../../../components/ui/section.tsx';
import { CopyValue } from '../../../components/ui/copy-button.tsx';
import { FormErrors } from '../../../components/ui/field.tsx';
import { SelectField, TextField } from '../../../components/ui/text-field.tsx';
import { MaybeTime } from '../../../components/ui/time.tsx';
import { callApi } from '../../../lib/api-client.ts';
import { useChange } from '../../../lib/use-change.ts';
import { PROVIDER_FIELDS, PROVIDER_TITLES } from './provider-fields.ts';

const PROVIDERS = Object.entries(PROVIDER_TITLES);
const NUMBERS = ['priority', 'smtp_port'];

export function ConnectionsPage() {
  const { data: connections, error } = useQuery({
    queryKey: ['connections'],
    queryFn: () => callApi<ProviderConnection[]>('GET', '/provider_connections?per_page=100'),
  });
  return (
    <>
      <PageHeader title="Connections" />
      <div className="space-y-5">
        <Connect />
        <FormErrors error={error} fields={[]} />
        {connections?.length === 0 && (
          <Section>
            <EmptyState icon={Plug} title="No provider yet">
              Connect one, or two to have a backup.
            </EmptyState>
          </Section>
        )}
        <ul className="grid gap-4 lg:grid-cols-2">
          {connections?.map((connection) => (
            <li key={connection.id}>
              <ConnectionCard connection={connection} />
            </li>
          ))}
        </ul>
      </div>
    </>
  );
}

function Connect() {
  const [provider, setProvider] = useState<ProviderName>('sendgrid');
  const change = useChange<ProviderConnection>('connections', { inForm: true });
  const connect = (fields: Record<string, string>) => {
    const body = Object.entries(fields).map(([name, value]) => [
      name,
      NUMBERS.includes(name) ? Number(value) : value,
    ]);
    const request = { method: 'POST', path: '/provider_connections' } as const;
    return change.mutateAsync({ ...request, body: Object.fromEntries(body) as unknown });
  };
  return (
    <Adder
      title="Connect a provider"
      action="Connect and verify"
      isPending={change.isPending}
      error={change.error}
      onSubmit={connect}
    >
      <SelectField
        label="Provider"
        name="provider"
        value={provider}
        onChange={(event) => setProvider(event.currentTarget.value as ProviderName)}
        options={PROVIDERS}
      />
      <TextField label="Name" name="display_name" hint="Shown with each attempt." />
      {PROVIDER_FIELDS[provider].map(({ name, label, hint, isSecret }) => (
        <TextField
          key={`${provider} ${name}`}
          name={name}
          label={label}
          type={isSecret ? 'password' : 'text'}
          autoComplete="off"
          {...(hint !== undefined && { hint })}
        />
      ))}
      <TextField
        label="Priority"
        name="priority"
        type="number"
        min={0}
        hint="The lowest is tried first."
      />
    </Adder>
  );
}

function ConnectionCard({ connection }: { connection: ProviderConnection }) {
  const { id, enabled, health, verification, webhook_status: hearing } = connection;
  const path = `/provider_connections/${id}`;
  const change = useChange<unknown>('connections');
  const verify = useChange<VerificationAnswer>('connections');
  const setUp = useChange<WebhookSetupAnswer>('connections');
  const setup = setUp.data?.webhook_setup;
  return (
    <Section
      title={connection.display_name}
      aside={<StatusBadge status={enabled ? health.state : 'paused'} />}
    >
      <dl className="grid grid-cols-2 gap-2 text-sm">
        <Fact name="Provider">{PROVIDER_TITLES[connection.provider]}</Fact>
        <Fact name="Priority">{connection.priority}</Fact>
        <Fact name="Credentials">
          <StatusBadge status={verification.status} />
        </Fact>
        <Fact name="Events">
          <StatusBadge status={hearing} />
        </Fact>
        <Fact name="Last event">
          <MaybeTime value={connection.last_event_at} />
        </Fact>
        <Fact name="Why">{health.reason ?? verification.message}</Fact>
      </dl>
      <div className="mt-4 flex flex-wrap gap-2">
        <Button onClick={() => verify.mutate({ method: 'POST', path: `${path}/verify` })}>
          Verify
        </Button>
        <Button
          onClick={() => change.mutate({ method: 'PATCH', path, body: { enabled: !enabled } })}
        >
          {enabled ? 'Pause' : 'Use again'}
        </Button>
        {connection.provider !== 'sandbox' && (
          <Button onClick={() => setUp.mutate({ method: 'POST', path: `${path}/setup_webhook` })}>
            Set up events
          </Button>
        )}
        <Confirm
          title={`Disconnect ${connection.display_name}?`}
          about="Mail that is waiting goes through the others."
          action="Disconnect"
          isDangerous
          onConfirm={() => change.mutate({ method: 'DELETE', path })}
        >
          <Button variant="danger">Disconnect</Button>
        </Confirm>
      </div>
      <div className="mt-3 space-y-2 text-sm" aria-live="polite">
        {verify.data && <p>{verify.data.verification.message}</p>}
        {setup && <p>{setup.message}</p>}
        {setup && setup.steps.length > 0 && (
          <>
            <ol className="list-inside list-decimal">
              {setup.steps.map((step) => (
                <li key={step}>{step}</li>
              ))}
            </ol>
            <CopyValue label="Copy" value={connection.webhook_url} />
          </>
        )}
        {setup?.webhook_secret && <CopyValue label="Copy" value={setup.webhook_secret} />}
      </div>
    </Section>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-xs text-zinc-600 dark:text-zinc-400">{name}</dt>
      <dd className="break-words">{children}</dd>
    </div>
  );
}
