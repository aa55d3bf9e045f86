import { useQuery } from '@tanstack/react-query';
import { Plug } from 'lucide-react';
import { ConnectionBadge } from '../../../components/providers/connection-badge.tsx';
import { Card, CardHeader } from '../../../components/ui/card.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../../components/ui/states.tsx';
import { connectionsQuery } from '../../../lib/flow.ts';
import { humanize } from '../../../lib/format.ts';

export function ConnectionsCard() {
  const { data, error, refetch } = useQuery(connectionsQuery);
  return (
    <Card>
      <CardHeader title="Connections" />
      {error !== null && data === undefined && (
        <ErrorState error={error} onRetry={() => void refetch()} />
      )}
      {data === undefined && error === null && <Skeleton className="mx-5 mb-5 h-24" />}
      {data?.length === 0 && (
        <EmptyState icon={Plug} title="Nothing is connected">
          Mail you send waits, and goes out as soon as a provider is connected.
        </EmptyState>
      )}
      <ul className="divide-y">
        {data?.map((connection) => (
          <li key={connection.id} className="flex items-center justify-between gap-4 px-5 py-2.5">
            <div className="min-w-0">
              <p className="truncate font-medium">{connection.display_name}</p>
              <p className="text-[13px] text-muted">
                {connection.health.reason ?? humanize(connection.provider)}
              </p>
            </div>
            <ConnectionBadge connection={connection} />
          </li>
        ))}
      </ul>
    </Card>
  );
}
