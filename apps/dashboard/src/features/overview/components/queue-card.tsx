import type { Queue } from '@courierx/contract';
import { useQuery } from '@tanstack/react-query';
import { Card, CardHeader } from '../../../components/ui/card.tsx';
import { ErrorState, Skeleton } from '../../../components/ui/states.tsx';
import { formatDuration, formatNumber } from '../../../lib/format.ts';
import { queueQuery } from '../../../lib/flow.ts';

export function QueueCard() {
  const { data, error, refetch } = useQuery(queueQuery);
  return (
    <Card>
      <CardHeader title="Queue now" />
      {error !== null && data === undefined && (
        <ErrorState error={error} onRetry={() => void refetch()} />
      )}
      {data === undefined ? (
        error === null && <Skeleton className="mx-5 mb-5 h-40" />
      ) : (
        <dl className="divide-y">
          {factsOf(data).map(([label, value]) => (
            <div key={label} className="flex items-center justify-between px-5 py-2.5">
              <dt className="text-muted">{label}</dt>
              <dd className="font-medium tabular-nums">{value}</dd>
            </div>
          ))}
        </dl>
      )}
    </Card>
  );
}

function factsOf(queue: Queue): readonly (readonly [string, string])[] {
  const { oldest_due_seconds: oldest } = queue;
  return [
    ['Waiting', formatNumber(queue.queued)],
    ['Ready to be sent', formatNumber(queue.due)],
    ['Being sent', formatNumber(queue.in_flight)],
    ['Held for your decision', formatNumber(queue.held)],
    ['Oldest of those has waited', oldest === null ? 'None is ready' : formatDuration(oldest)],
  ];
}
