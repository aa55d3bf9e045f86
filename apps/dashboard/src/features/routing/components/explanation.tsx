import type { RouteExplanation } from '@courierx/contract';
import {
  ArrowRight,
  CircleCheck,
  CircleMinus,
  Clock,
  Hourglass,
  TriangleAlert,
} from 'lucide-react';
import { cn } from '../../../lib/cn.ts';
import { formatPercent, humanize } from '../../../lib/format.ts';
import { STRATEGIES } from './words.ts';

type Asked = RouteExplanation['connections'][number];

/** Where the mail goes, and of every other connection why not there. */
export function Explanation({ explanation }: { readonly explanation: RouteExplanation }) {
  const { rule, connections, waits } = explanation;
  const used = connections.find(({ decision }) => decision === 'used');
  return (
    <div className="space-y-4">
      <Verdict used={used} waits={waits} />
      <p>
        {rule === null ? (
          'No rule takes it: the connections are tried by their priority.'
        ) : (
          <>
            By the rule <span className="font-medium">{rule.name}</span>:{' '}
            {STRATEGIES[rule.strategy].title.toLowerCase()}.
          </>
        )}
      </p>
      {rule?.warnings.map((warning) => (
        <p key={warning} className="flex gap-2 rounded-lg bg-warn-soft px-3 py-2 text-warn">
          <TriangleAlert className="mt-0.5 size-4 shrink-0" aria-hidden /> {warning}
        </p>
      ))}
      <ol className="divide-y rounded-lg border">
        {connections.map((connection) => (
          <ConnectionLine key={connection.connection_id} connection={connection} />
        ))}
      </ol>
      <Rules rules={explanation.rules} />
    </div>
  );
}

type VerdictProps = { readonly used: Asked | undefined; readonly waits: string | null };

function Verdict({ used, waits }: VerdictProps) {
  if (used === undefined) {
    return (
      <div className="flex gap-3 rounded-lg bg-warn-soft px-4 py-3 text-warn">
        <Hourglass className="mt-0.5 size-5 shrink-0" aria-hidden />
        <div>
          <p className="text-[15px] font-semibold">It waits</p>
          <p>{waits ?? 'Nothing can take it now.'}</p>
        </div>
      </div>
    );
  }
  return (
    <div className="flex items-center gap-3 rounded-lg bg-good-soft px-4 py-3 text-good">
      <ArrowRight className="size-5 shrink-0" aria-hidden />
      <p className="min-w-0 text-[15px] font-semibold break-words">
        Goes by {used.display_name} ({humanize(used.provider)})
      </p>
    </div>
  );
}

function ConnectionLine({ connection }: { readonly connection: Asked }) {
  const { display_name: name, decision, reason, share, failover_only: isStandby } = connection;
  const isUsed = decision === 'used';
  const isNext = !isUsed && /\btried if\b/.test(reason);
  const Icon = isUsed ? CircleCheck : isNext ? Clock : CircleMinus;
  return (
    <li className="flex gap-3 px-3 py-2.5">
      <Icon
        aria-hidden
        className={cn('mt-0.5 size-4 shrink-0', isUsed ? 'text-good' : 'text-muted')}
      />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-baseline gap-x-2">
          <span className="font-medium break-words">{name}</span>
          <span className={cn('text-[13px]', isUsed ? 'text-good' : 'text-muted')}>
            {isNext ? 'stands by' : decision}
          </span>
          {isStandby && <span className="text-[13px] text-muted">only when others can’t</span>}
        </p>
        <p className="text-[13px] break-words text-muted">
          {reason.replace(/^failover_only: /, '')}
        </p>
      </div>
      {share !== null && !isStandby && (
        <span className="text-[13px] text-muted tabular-nums">{formatPercent(share)}</span>
      )}
    </li>
  );
}

function Rules({ rules }: Pick<RouteExplanation, 'rules'>) {
  if (rules.length === 0) return null;
  return (
    <details>
      <summary className="cursor-pointer font-medium text-muted">
        Rules looked at ({rules.length})
      </summary>
      <ol className="mt-2 space-y-1.5 text-[13px]">
        {rules.map(({ id, name, matched, reason }) => (
          <li key={id}>
            <span className={cn('font-medium', matched && 'text-good')}>{name}</span>:{' '}
            <span className="text-muted">{reason}</span>
          </li>
        ))}
      </ol>
    </details>
  );
}
