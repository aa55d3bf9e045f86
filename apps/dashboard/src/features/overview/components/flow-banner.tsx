import type { ProviderConnection } from '@courierx/contract';
import { useQuery } from '@tanstack/react-query';
import { TriangleAlert } from 'lucide-react';
import { cn } from '../../../lib/cn.ts';
import { connectionsQuery, queueQuery } from '../api/get-metrics.ts';

type Verdict = { readonly title: string; readonly advice: string; readonly isStopped: boolean };
const RESTING: readonly string[] = ['down', 'invalid'];

/** Says so when mail runs on a backup, or not at all. */
export function FlowBanner() {
  const connections = useQuery(connectionsQuery);
  const queue = useQuery(queueQuery);
  const verdict = judgeFlow(connections.data?.items ?? null, queue.data?.queued ?? 0);
  if (verdict === null) return null;
  return (
    <div
      role="status"
      className={cn(
        'flex gap-3 rounded-xl px-4 py-3',
        verdict.isStopped ? 'bg-bad-soft text-bad' : 'bg-warn-soft text-warn',
      )}
    >
      <TriangleAlert className="mt-0.5 size-5 shrink-0" aria-hidden />
      <div>
        <p className="font-semibold">{verdict.title}</p>
        <p>{verdict.advice}</p>
      </div>
    </div>
  );
}

/** Null: mail flows as it should, or it is not known yet. */
function judgeFlow(
  connections: readonly ProviderConnection[] | null,
  queued: number,
): Verdict | null {
  if (connections === null || (connections.length === 0 && queued === 0)) return null;
  const enabled = connections.filter((connection) => connection.enabled);
  const [first, ...rest] = enabled.toSorted((one, other) => one.priority - other.priority);
  if (first === undefined) {
    return stopped(connections.length === 0 ? 'Nothing is connected.' : 'All are paused.');
  }
  if (!isResting(first)) return null;
  const why = `${first.display_name}: ${first.health.reason ?? 'it takes no mail at present.'}`;
  const backup = rest.find((connection) => !isResting(connection));
  if (backup === undefined) return stopped(why);
  return {
    title: `Mail runs on a backup: ${backup.display_name}`,
    advice: why,
    isStopped: false,
  };
}

function isResting({ health }: ProviderConnection): boolean {
  return RESTING.includes(health.state);
}

function stopped(why: string): Verdict {
  const kept = 'What you send is kept, and goes out as soon as a connection takes mail.';
  return { title: 'No mail can go out.', advice: `${why} ${kept}`, isStopped: true };
}
