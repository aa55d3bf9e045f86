import type { ProviderName } from '@courierx/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { CredentialFields, WhereToFind } from '../../../components/providers/credential-fields.tsx';
import { PROVIDER_GUIDES, PROVIDERS } from '../../../components/providers/provider-guides.ts';
import { readNew } from '../../../components/providers/read-connection.ts';
import { Button } from '../../../components/ui/button.tsx';
import { Form } from '../../../components/ui/form.tsx';
import { SelectField } from '../../../components/ui/text-field.tsx';
import { sampleCalls, sampleOf } from '../../../lib/samples.ts';
import { NEW_FORM } from '../../../lib/use-new-form.ts';
import { connectProvider, connectSandbox } from '../api/first-steps.ts';
import type { KeyMaker } from './use-key-maker.ts';
import { StepBody } from './step.tsx';

const SANDBOX = { provider: 'sandbox', display_name: 'Sandbox' } as const;
const OWN = PROVIDERS.filter((name) => name !== 'sandbox');

export function ConnectStep({ keys }: { readonly keys: KeyMaker }) {
  const client = useQueryClient();
  const [own, setOwn] = useState<ProviderName | null>(null);
  const connect = useMutation({
    mutationFn: connectSandbox,
    onSuccess: () => client.invalidateQueries({ queryKey: ['connections'] }),
  });
  return (
    <StepBody
      about="The sandbox takes mail as a provider would, and keeps it for you to look at. No account anywhere is needed."
      sample={sampleOf(sampleCalls.connect(own === null ? SANDBOX : sampleBodyOf(own)), keys.key)}
      keys={keys}
    >
      <div className="flex flex-wrap gap-2">
        <Button variant="primary" isBusy={connect.isPending} onClick={() => connect.mutate()}>
          Connect the sandbox
        </Button>
        <Button
          aria-expanded={own !== null}
          onClick={() => setOwn(own === null ? 'sendgrid' : null)}
        >
          Connect your provider
        </Button>
      </div>
      {connect.isSuccess && <p role="status">The sandbox is connected.</p>}
      {own !== null && <OwnProvider provider={own} onChange={setOwn} />}
    </StepBody>
  );
}

/** The call that connects it, with words where credentials belong. */
function sampleBodyOf(provider: ProviderName) {
  const needed = PROVIDER_GUIDES[provider].fields.filter(({ isOptional }) => isOptional !== true);
  const fields = needed.map(({ name, label, type }) => [
    name,
    type === 'number' ? 587 : `your ${label.toLowerCase()}`,
  ]);
  return { provider, ...(Object.fromEntries(fields) as Record<string, string | number>) };
}

type OwnProviderProps = {
  readonly provider: ProviderName;
  readonly onChange: (provider: ProviderName) => void;
};

function OwnProvider({ provider, onChange }: OwnProviderProps) {
  const client = useQueryClient();
  const connect = useMutation({
    mutationFn: (fields: Record<string, string>) => connectProvider(readNew(fields)),
    meta: { showsErrors: true },
    onSuccess: () => client.invalidateQueries({ queryKey: ['connections'] }),
  });
  return (
    <Form
      action="Connect and verify"
      isPending={connect.isPending}
      error={connect.error}
      onSubmit={connect.mutate}
      note={
        connect.isSuccess ? (
          <span role="status">{connect.data.verification.message}</span>
        ) : (
          <Link to="/connections" hash={NEW_FORM} className="text-muted underline">
            All options
          </Link>
        )
      }
    >
      <SelectField
        label="Provider"
        name="provider"
        value={provider}
        onChange={(event) => {
          onChange(event.currentTarget.value as ProviderName);
          connect.reset();
        }}
        options={OWN.map((name) => [name, PROVIDER_GUIDES[name].title])}
      />
      <WhereToFind provider={provider} />
      <div className="grid gap-4 sm:grid-cols-2">
        <CredentialFields provider={provider} />
      </div>
    </Form>
  );
}
