import type { ProviderConnection } from '@courierx/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ActionsMenu } from '../../../components/ui/actions-menu.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { PauseButton } from '../../../components/ui/pause-button.tsx';
import { useSetEnabled, verifyConnection } from '../api/change-connection.ts';
import type { Ask } from './use-dialogs.ts';
import { toast } from '../../../lib/toast.ts';

type ActionsProps = { readonly connection: ProviderConnection; readonly onAsk: Ask };

export function ConnectionActions({ connection, onAsk }: ActionsProps) {
  const { id, display_name: name, enabled, provider } = connection;
  const setEnabled = useSetEnabled();
  const verify = useVerify(connection);
  return (
    <div className="ml-auto flex items-center gap-1.5">
      <PauseButton
        name={name}
        enabled={enabled}
        onChange={(next) => setEnabled.mutate({ id, enabled: next })}
      />
      <Button
        size="small"
        aria-label={`Verify ${name}`}
        isBusy={verify.isPending}
        onClick={() => verify.mutate()}
      >
        Verify
      </Button>
      <ActionsMenu
        label={`More for ${name}`}
        actions={[
          { label: 'Edit', onSelect: () => onAsk('settings', id) },
          ...(provider === 'sandbox'
            ? []
            : [{ label: 'Rotate credentials', onSelect: () => onAsk('credentials', id) }]),
          { label: 'Disconnect', isDangerous: true, onSelect: () => onAsk('disconnect', id) },
        ]}
      />
    </div>
  );
}

/** Asks the provider whether the credentials are good, and says what it said. */
function useVerify({ id, display_name: name }: ProviderConnection) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => verifyConnection(id),
    async onSuccess({ verification: { status, message } }) {
      if (status === 'verified') toast.success(`${name} is verified. ${message}`);
      else if (status === 'failed') toast.error(`${name} is refused: ${message}`);
      else toast.error(`${name} can’t be asked now: ${message}`);
      await client.invalidateQueries({ queryKey: ['connections'] });
    },
  });
}
