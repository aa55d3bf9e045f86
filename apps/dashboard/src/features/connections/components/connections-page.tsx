import type { ProviderConnection, ProviderName } from '@courierx/contract';
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../../components/ui/button.tsx';
import { Card, PageHeader } from '../../../components/ui/card.tsx';
import { SortableList } from '../../../components/ui/sortable-list.tsx';
import { ErrorState, Skeleton } from '../../../components/ui/states.tsx';
import { useReorder } from '../api/change-connection.ts';
import { connectionsQuery } from '../../../lib/flow.ts';
import { useNewForm } from '../../../lib/use-new-form.ts';
import { usageQuery } from '../api/get-usage.ts';
import { ConnectDialog } from './connect-dialog.tsx';
import { ConnectionCard } from './connection-card.tsx';
import { DisconnectDialog } from './disconnect-dialog.tsx';
import { EventsDialog } from './events-dialog.tsx';
import { NoConnection } from './no-connection.tsx';
import { CredentialsDialog, SettingsDialog } from './settings-dialog.tsx';
import { useDialogs, type Ask } from './use-dialogs.ts';

const ORDER = 'Mail goes by the first that can take it. Drag one to change its place.';

export function ConnectionsPage() {
  const { data: connections, error, refetch } = useQuery(connectionsQuery);
  const { asked, ask, close } = useDialogs();
  const [isConnecting, setConnecting] = useNewForm();
  const [first, setFirst] = useState<ProviderName>('sendgrid');
  const choose = (provider: ProviderName) => {
    setFirst(provider);
    setConnecting(true);
  };
  const about = connections?.find(({ id }) => id === asked?.id);
  return (
    <>
      <PageHeader
        title="Connections"
        {...((connections?.length ?? 0) > 1 && { about: ORDER })}
        actions={
          <Button variant="primary" onClick={() => choose('sendgrid')}>
            <Plus aria-hidden /> Connect a provider
          </Button>
        }
      />
      {connections === undefined &&
        (error === null ? (
          <Skeleton className="h-56" />
        ) : (
          <Card>
            <ErrorState error={error} onRetry={() => void refetch()} />
          </Card>
        ))}
      {connections?.length === 0 && <NoConnection onChoose={choose} />}
      {connections !== undefined && connections.length > 0 && (
        <Connections connections={connections} onAsk={ask} />
      )}
      {isConnecting && <ConnectDialog provider={first} onClose={() => setConnecting(false)} />}
      {about !== undefined && asked?.question === 'settings' && (
        <SettingsDialog connection={about} onClose={close} />
      )}
      {about !== undefined && asked?.question === 'credentials' && (
        <CredentialsDialog connection={about} onClose={close} />
      )}
      {about !== undefined && asked?.question === 'events' && (
        <EventsDialog connection={about} onClose={close} />
      )}
      {about !== undefined && asked?.question === 'disconnect' && (
        <DisconnectDialog connection={about} all={connections ?? []} onClose={close} />
      )}
    </>
  );
}

type ConnectionsProps = {
  readonly connections: readonly ProviderConnection[];
  readonly onAsk: Ask;
};

function Connections({ connections, onAsk }: ConnectionsProps) {
  const usage = useQuery(usageQuery);
  const reorder = useReorder();
  return (
    <SortableList
      className="space-y-4"
      items={connections}
      idOf={({ id }) => id}
      nameOf={({ display_name: name }) => name}
      onMove={(items) => reorder.mutate(items)}
    >
      {(connection, handle, index) => (
        <ConnectionCard
          connection={connection}
          usage={usage.data?.find((each) => each.connection_id === connection.id)}
          place={index + 1}
          handle={handle}
          onAsk={onAsk}
        />
      )}
    </SortableList>
  );
}
