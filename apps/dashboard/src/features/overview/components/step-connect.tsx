import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Button } from '../../../components/ui/button.tsx';
import { Form } from '../../../components/ui/form.tsx';
import { SelectField, TextField } from '../../../components/ui/text-field.tsx';
import { humanize } from '../../../lib/format.ts';
import { sampleCalls, sampleOf } from '../../../lib/samples.ts';
import { connectProvider, connectSandbox } from '../api/first-steps.ts';
import type { KeyMaker } from './use-key-maker.ts';
import { StepBody } from './step.tsx';

type Field = readonly [name: string, label: string, hint?: string];

const API_KEY: Field = ['api_key', 'API key'];
/** What each needs to send; the page of connections asks for the rest. */
const NEEDS = {
  sendgrid: [API_KEY],
  aws_ses: [
    ['api_key', 'Access key id'],
    ['secret', 'Secret access key'],
    ['region', 'Region', 'Such as eu-west-1.'],
  ],
  mailgun: [API_KEY, ['smtp_host', 'Domain', 'Such as mg.yourapp.com.'], ['region', 'us or eu']],
  postmark: [['api_key', 'Server token']],
  resend: [API_KEY],
  smtp: [
    ['smtp_host', 'Host'],
    ['smtp_port', 'Port', '587, or 465 with TLS from the start.'],
    ['api_key', 'User'],
    ['secret', 'Password'],
  ],
} as const satisfies Readonly<Record<string, readonly Field[]>>;
type Provider = keyof typeof NEEDS;

const PROVIDERS = (Object.keys(NEEDS) as Provider[]).map(
  (provider) => [provider, humanize(provider)] as const,
);

export function ConnectStep({ keys }: { readonly keys: KeyMaker }) {
  const client = useQueryClient();
  const [isOwn, setOwn] = useState(false);
  const connect = useMutation({
    mutationFn: connectSandbox,
    onSuccess: () => client.invalidateQueries({ queryKey: ['connections'] }),
  });
  return (
    <StepBody
      about="The sandbox takes mail as a provider would, and keeps it for you to look at. No account anywhere is needed."
      sample={sampleOf(sampleCalls.connect(), keys.key)}
      keys={keys}
    >
      <div className="flex flex-wrap gap-2">
        <Button variant="primary" isBusy={connect.isPending} onClick={() => connect.mutate()}>
          Connect the sandbox
        </Button>
        <Button aria-expanded={isOwn} onClick={() => setOwn(!isOwn)}>
          Connect your provider
        </Button>
      </div>
      {connect.isSuccess && <p role="status">The sandbox is connected.</p>}
      {isOwn && <OwnProvider />}
    </StepBody>
  );
}

function OwnProvider() {
  const client = useQueryClient();
  const [provider, setProvider] = useState<Provider>('sendgrid');
  const connect = useMutation({
    mutationFn: connectProvider,
    meta: { showsErrors: true },
    onSuccess: () => client.invalidateQueries({ queryKey: ['connections'] }),
  });
  const submit = (fields: Record<string, string>) =>
    connect.mutate({ ...fields, display_name: humanize(provider) });
  const needs: readonly Field[] = NEEDS[provider];
  return (
    <Form
      action="Connect and verify"
      isPending={connect.isPending}
      error={connect.error}
      onSubmit={submit}
      note={
        connect.isSuccess ? (
          <span role="status">{connect.data.verification.message}</span>
        ) : (
          <Link to="/connections" className="text-muted underline">
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
          setProvider(event.target.value as Provider);
          connect.reset();
        }}
        options={PROVIDERS}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        {needs.map(([name, label, hint]) => (
          <TextField
            key={`${provider} ${name}`}
            label={label}
            name={name}
            type={name === 'secret' || label === API_KEY[1] ? 'password' : 'text'}
            autoComplete="off"
            {...(hint !== undefined && { hint })}
          />
        ))}
      </div>
    </Form>
  );
}
