import type { RoutingRule, RoutingRuleConnection } from '@courierx/contract';
import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { ActionsMenu } from '../../../components/ui/actions-menu.tsx';
import { Badge } from '../../../components/ui/badge.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { Card } from '../../../components/ui/card.tsx';
import { Meter } from '../../../components/ui/meter.tsx';
import { PauseButton } from '../../../components/ui/pause-button.tsx';
import { cn } from '../../../lib/cn.ts';
import { formatPercent, humanize } from '../../../lib/format.ts';
import { useSetEnabled } from '../api/change-rule.ts';
import { describeMatch, sharesOf, STRATEGIES } from './words.ts';

type RuleCardProps = {
  readonly rule: RoutingRule;
  readonly handle: ReactNode;
  readonly onEdit: () => void;
  readonly onDelete: () => void;
};

export function RuleCard({ rule, handle, onEdit, onDelete }: RuleCardProps) {
  const { id, name, enabled, strategy, warnings } = rule;
  const setEnabled = useSetEnabled();
  return (
    <Card className={cn('min-w-0 space-y-3 px-4 py-4 sm:px-5', !enabled && 'border-dashed')}>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <div className="flex min-w-0 flex-[1_1_14rem] items-center gap-2">
          {handle}
          <div className="min-w-0">
            <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
              <h3 className="text-[15px] font-semibold break-words">{name}</h3>
              {!enabled && <Badge tone="plain">Paused</Badge>}
            </div>
            <Match rule={rule} />
          </div>
        </div>
        <div className="ml-auto flex items-center gap-1.5">
          <PauseButton
            name={name}
            enabled={enabled}
            onChange={(next) => setEnabled.mutate({ id, enabled: next })}
          />
          <Button size="small" aria-label={`Edit ${name}`} onClick={onEdit}>
            Edit
          </Button>
          <ActionsMenu
            label={`More for ${name}`}
            actions={[{ label: 'Delete', isDangerous: true, onSelect: onDelete }]}
          />
        </div>
      </div>
      <p className="text-[13px]">
        <span className="font-medium">{STRATEGIES[strategy].title}.</span>{' '}
        <span className="text-muted">{STRATEGIES[strategy].about}</span>
      </p>
      <Members rule={rule} />
      {warnings.map((warning) => (
        <p key={warning} className="flex gap-2 rounded-lg bg-warn-soft px-3 py-2 text-warn">
          <TriangleAlert className="mt-0.5 size-4 shrink-0" aria-hidden /> {warning}
        </p>
      ))}
    </Card>
  );
}

function Match({ rule }: { readonly rule: RoutingRule }) {
  const parts = describeMatch(rule);
  return (
    <p className="flex flex-wrap gap-1.5 pt-0.5 text-[13px] text-muted">
      {parts.length === 0
        ? 'All mail that no other rule takes'
        : parts.map((part) => (
            <code key={part} className="rounded bg-sunken px-1.5 break-all text-text">
              {part}
            </code>
          ))}
    </p>
  );
}

function Members({ rule: { strategy, connections } }: { readonly rule: RoutingRule }) {
  const inOrder = connections.toSorted(inPriority);
  const shares = sharesOf(strategy, inOrder);
  return (
    <ol className="space-y-2">
      {inOrder.map((member, index) => (
        <li
          key={member.connection_id}
          className="grid grid-cols-[1.25rem_minmax(0,1fr)_auto] items-center gap-x-3 sm:grid-cols-[1.25rem_minmax(0,12rem)_minmax(0,1fr)_auto]"
        >
          <span className="text-[13px] text-muted tabular-nums">{index + 1}</span>
          <span className="min-w-0 truncate" title={humanize(member.provider)}>
            {member.display_name}
          </span>
          <span className="max-sm:order-last max-sm:col-span-2 max-sm:col-start-2">
            {typeof shares[index] === 'number' && <Meter share={shares[index]} />}
          </span>
          <Part member={member} share={shares[index] ?? null} place={index} />
        </li>
      ))}
    </ol>
  );
}

type PartProps = {
  readonly member: RoutingRuleConnection;
  readonly share: number | null;
  readonly place: number;
};

function Part({ member, share, place }: PartProps) {
  if (member.failover_only) return <Badge tone="info">Only when others can’t</Badge>;
  if (share !== null) return <span className="tabular-nums">{formatPercent(share)}</span>;
  return <span className="text-[13px] text-muted">{place === 0 ? 'first' : 'if that fails'}</span>;
}

/** Those that only step in come after the others, as they do when mail is sent. */
export function inPriority(one: RoutingRuleConnection, other: RoutingRuleConnection): number {
  const standby = Number(one.failover_only) - Number(other.failover_only);
  return standby === 0 ? one.priority - other.priority : standby;
}
