import type { ProviderConnection } from '@courierx/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Dialog } from '../../../components/ui/dialog.tsx';
import { Form } from '../../../components/ui/form.tsx';
import { TextField } from '../../../components/ui/text-field.tsx';
import { updateConnection } from '../api/change-connection.ts';
import { CapFields } from './cap-fields.tsx';
import {
  CredentialFields,
  RareFields,
  WhereToFind,
} from '../../../components/providers/credential-fields.tsx';
import { readCredentials, readSettings } from '../../../components/providers/read-connection.ts';
import { toast } from '../../../lib/toast.ts';

type DialogProps = { readonly connection: ProviderConnection; readonly onClose: () => void };

/** Its name, place and limits. */
export function SettingsDialog({ connection, onClose }: DialogProps) {
  const change = useChangeOf(connection, { onClose, done: 'is changed.' });
  return (
    <Dialog title={`Edit ${connection.display_name}`} isOpen onOpenChange={onClose}>
      <Form
        {...{ action: 'Save', isPending: change.isPending, error: change.error }}
        onSubmit={(fields) => change.mutate(readSettings(fields))}
      >
        <TextField label="Name" name="display_name" defaultValue={connection.display_name} />
        <TextField
          label="Priority"
          name="priority"
          type="number"
          min={0}
          defaultValue={connection.priority}
          hint="The lowest is tried first."
        />
        <CapFields of={connection} />
      </Form>
    </Dialog>
  );
}

/** New credentials, which are tried before they take the place of the old ones. */
export function CredentialsDialog({ connection, onClose }: DialogProps) {
  const { provider, display_name: name, credentials_hint: hint } = connection;
  const change = useChangeOf(connection, { onClose, done: 'uses its new credentials.' });
  const inUse = hint === null ? '' : ` The key in use ends in ${hint}.`;
  return (
    <Dialog
      title={`Rotate the credentials of ${name}`}
      about={`The provider is asked first: the old ones stay in use until it takes the new. What you leave empty stays as it is.${inUse}`}
      isOpen
      onOpenChange={onClose}
    >
      <Form
        {...{ action: 'Verify and save', isPending: change.isPending, error: change.error }}
        onSubmit={(fields) => change.mutate(readCredentials(fields, connection))}
      >
        <WhereToFind provider={provider} />
        <CredentialFields provider={provider} of={connection} />
        <RareFields provider={provider} of={connection} />
      </Form>
    </Dialog>
  );
}

function useChangeOf(
  { id, display_name: name }: ProviderConnection,
  { onClose, done }: { readonly onClose: () => void; readonly done: string },
) {
  const client = useQueryClient();
  return useMutation({
    meta: { showsErrors: true },
    mutationFn(body: Parameters<typeof updateConnection>[1]) {
      if (Object.keys(body).length === 0) throw new Error('Nothing is changed yet.');
      return updateConnection(id, body);
    },
    async onSuccess() {
      await client.invalidateQueries({ queryKey: ['connections'] });
      toast.success(`${name} ${done}`);
      onClose();
    },
  });
}
