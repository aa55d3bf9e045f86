import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { TriangleAlert } from 'lucide-react';
import { cn } from '../lib/cn.ts';
import { connectionsQuery, queueQuery, rulesQuery, useLiveConnections } from '../lib/flow.ts';
import { judgeFlow } from '../lib/judge-flow.ts';

const MOST_TOLD = 3;

/** On every page: mail runs on a backup, or not at all. */
export function FlowBanner() {
  const connections = useQuery(connectionsQuery);
  const rules = useQuery(rulesQuery);
  const isEmpty = connections.data?.length === 0;
  const queue = useQuery({ ...queueQuery, enabled: isEmpty });
  useLiveConnections();
  if (connections.data === undefined) return null;
  const troubles = judgeFlow({
    connections: connections.data,
    rules: rules.data ?? [],
    queued: queue.data?.queued ?? 0,
  });
  return (
    <div role="status" className="space-y-2">
      {troubles.slice(0, MOST_TOLD).map(({ title, why, isStopped }) => (
        <div
          key={title}
          className={cn(
            'flex gap-3 rounded-xl px-4 py-3 last:mb-5',
            isStopped ? 'bg-bad-soft text-bad' : 'bg-warn-soft text-warn',
          )}
        >
          <TriangleAlert className="mt-0.5 size-5 shrink-0" aria-hidden />
          <div className="min-w-0 flex-1 break-words">
            <p className="font-semibold">{title}</p>
            <p>{why}</p>
          </div>
          <Link to="/connections" className="self-center font-medium underline max-sm:hidden">
            Connections
          </Link>
        </div>
      ))}
    </div>
  );
}
