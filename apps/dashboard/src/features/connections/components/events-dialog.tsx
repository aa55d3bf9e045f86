import type { ProviderConnection, WebhookSetupAnswer } from '@courierx/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { StatusBadge } from '../../../components/ui/badge.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { CopyButton, CopyValue } from '../../../components/ui/copy-button.tsx';
import { Dialog } from '../../../components/ui/dialog.tsx';
import { FormErrors } from '../../../components/ui/field.tsx';
import { Form } from '../../../components/ui/form.tsx';
import { TextField } from '../../../components/ui/text-field.tsx';
import { setUpWebhook, updateConnection } from '../api/change-connection.ts';
import { describeLight, EventLight } from './event-light.tsx';
import { makeSecret } from './make-secret.ts';
import { PROVIDER_GUIDES } from '../../../components/providers/provider-guides.ts';
import { toast } from '../../../lib/toast.ts';

type EventsDialogProps = { readonly connection: ProviderConnection; readonly onClose: () => void };

/** How the provider comes to tell here what becomes of mails. */
export function EventsDialog({ connection, onClose }: EventsDialogProps) {
  const { provider, display_name: name } = connection;
  return (
    <Dialog title={`Events of ${name}`} isOpen onOpenChange={onClose}>
      <div className="space-y-5">
        <div className="space-y-1.5">
          <EventLight connection={connection} />
          <p className="text-muted">{describeLight(connection)}</p>
        </div>
        {provider !== 'sandbox' && (
          <>
            <SetUp connection={connection} />
            <div className="space-y-1.5">
              <p className="font-medium">Webhook URL</p>
              <CopyValue label="Copy the webhook URL" value={connection.webhook_url} />
            </div>
            <Secret connection={connection} />
          </>
        )}
      </div>
    </Dialog>
  );
}

function SetUp({ connection }: { readonly connection: ProviderConnection }) {
  const { title, webhook } = PROVIDER_GUIDES[connection.provider];
  const client = useQueryClient();
  const setUp = useMutation({
    meta: { showsErrors: true },
    mutationFn: () => setUpWebhook(connection.id),
    onSettled: () => client.invalidateQueries({ queryKey: ['connections'] }),
  });
  return (
    <div className="space-y-3">
      <Button
        variant={connection.webhook_status === 'hearing' ? 'secondary' : 'primary'}
        isBusy={setUp.isPending}
        onClick={() => setUp.mutate()}
      >
        {webhook.isAutomatic ? `Set up at ${title} for me` : 'Show me the steps'}
      </Button>
      <FormErrors error={setUp.error} fields={[]} />
      <div aria-live="polite">{setUp.data && <Answer setup={setUp.data.webhook_setup} />}</div>
    </div>
  );
}

function Answer({ setup }: { readonly setup: WebhookSetupAnswer['webhook_setup'] }) {
  return (
    <div className="space-y-3 rounded-lg border px-4 py-3">
      <div className="flex flex-wrap items-center gap-2">
        <StatusBadge status={WORDS[setup.status]} />
        <p className="min-w-0 break-words">{setup.message}</p>
      </div>
      {setup.steps.length > 0 && (
        <ol className="list-outside list-decimal space-y-2 pl-5 text-[13px]">
          {setup.steps.map((step) => (
            <li key={step}>
              <div className="flex items-start gap-1">
                <span className="min-w-0 flex-1 break-words whitespace-pre-wrap">{step}</span>
                {/https?:/.test(step) && <CopyButton label="Copy this step" value={step} />}
              </div>
            </li>
          ))}
        </ol>
      )}
      {setup.webhook_secret !== null && <NewSecret value={setup.webhook_secret} />}
    </div>
  );
}

const WORDS = {
  created: 'succeeded',
  updated: 'succeeded',
  manual: 'by hand',
  failed: 'failed',
  unreachable: 'unreachable',
} as const;

function NewSecret({ value }: { readonly value: string }) {
  return (
    <div className="space-y-1.5">
      <p className="font-medium">The new webhook secret, shown this once</p>
      <CopyValue label="Copy the webhook secret" value={value} />
    </div>
  );
}

function Secret({ connection }: { readonly connection: ProviderConnection }) {
  const { id, webhook_secret_set: isSet } = connection;
  const { secret, secretIsOurs } = PROVIDER_GUIDES[connection.provider].webhook;
  const [made, setMade] = useState<string | null>(null);
  const client = useQueryClient();
  const change = useMutation({
    meta: { showsErrors: true },
    mutationFn: (value: string) => updateConnection(id, { webhook_secret: value }),
    async onSuccess() {
      await client.invalidateQueries({ queryKey: ['connections'] });
      toast.success('The webhook secret is changed.');
    },
  });
  const make = () => {
    const value = makeSecret();
    change.mutate(value, { onSuccess: () => setMade(value) });
  };
  return (
    <div className="space-y-3 border-t pt-4">
      {made !== null && <NewSecret value={made} />}
      <Form
        action={isSet ? 'Replace the secret' : 'Save the secret'}
        isPending={change.isPending}
        error={change.error}
        onSubmit={({ webhook_secret: value }) => change.mutate(value ?? '')}
        note={
          secretIsOurs === true && (
            <Button disabled={change.isPending} onClick={make}>
              Make a new one
            </Button>
          )
        }
      >
        <TextField
          label="Webhook secret"
          name="webhook_secret"
          type="password"
          autoComplete="new-password"
          required
          placeholder={isSet ? 'One is kept; a new one takes its place at once' : ''}
          hint={`${secret ?? ''} ${isSet ? AT_ONCE : WITHOUT}`}
        />
      </Form>
    </div>
  );
}

const AT_ONCE = 'What comes with the old one is refused from then on.';
const WITHOUT = 'Without one, nothing the provider tells is believed.';
