import type { ProviderName } from '@courierx/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Dialog } from '../../../components/ui/dialog.tsx';
import { Form } from '../../../components/ui/form.tsx';
import { SelectField, TextField } from '../../../components/ui/text-field.tsx';
import { connect } from '../api/change-connection.ts';
import { CapFields } from './cap-fields.tsx';
import {
  CredentialFields,
  RareFields,
  WhereToFind,
} from '../../../components/providers/credential-fields.tsx';
import {
  PROVIDER_GUIDES,
  PROVIDERS,
  rareFieldsOf,
} from '../../../components/providers/provider-guides.ts';
import { readNew } from '../../../components/providers/read-connection.ts';
import { toast } from '../../../lib/toast.ts';

type ConnectDialogProps = {
  /** The one to begin with. */
  readonly provider: ProviderName;
  readonly onClose: () => void;
};

export function ConnectDialog({ provider: first, onClose }: ConnectDialogProps) {
  const [provider, setProvider] = useState(first);
  const [isMoreShown, setMoreShown] = useState(false);
  const client = useQueryClient();
  const { mutate, isPending, error, reset } = useMutation({
    meta: { showsErrors: true },
    mutationFn: (fields: Record<string, string>) => connect(readNew(fields)),
    async onSuccess({ display_name: name, verification }) {
      if (verification.status === 'verified') toast.success(`${name} is connected and verified.`);
      else toast.error(`${name} is connected, not verified yet: ${verification.message}`);
      await client.invalidateQueries({ queryKey: ['connections'] });
      onClose();
    },
  });
  const choose = (name: ProviderName) => {
    setProvider(name);
    reset();
  };
  return (
    <Dialog
      title="Connect a provider"
      about="Its credentials are tried at once, and kept encrypted. No mail is sent."
      isOpen
      onOpenChange={onClose}
    >
      <Form action="Connect and verify" isPending={isPending} error={error} onSubmit={mutate}>
        <SelectField
          label="Provider"
          name="provider"
          value={provider}
          onChange={(event) => choose(event.currentTarget.value as ProviderName)}
          options={PROVIDERS.map((name) => [name, PROVIDER_GUIDES[name].title])}
        />
        <WhereToFind provider={provider} />
        <CredentialFields provider={provider} />
        <TextField
          label="Name"
          name="display_name"
          placeholder={PROVIDER_GUIDES[provider].title}
          hint="Shown with each attempt."
        />
        <TextField
          label="Priority"
          name="priority"
          type="number"
          min={0}
          hint="The lowest is tried first. Empty: after the others."
        />
        <details
          // A fault of a field in there has to be seen.
          open={isMoreShown || error !== null}
          onToggle={(event) => setMoreShown(event.currentTarget.open)}
        >
          <summary className="cursor-pointer font-medium text-muted">
            {rareFieldsOf(provider).length === 0 ? 'Limits' : 'Limits and endpoint'}
          </summary>
          <div className="mt-3 space-y-4">
            <CapFields />
            <RareFields provider={provider} />
          </div>
        </details>
      </Form>
    </Dialog>
  );
}
