import type { RoutingRule } from '@courierx/contract';
import { useMemo } from 'react';
import { SortableList } from '../../../components/ui/sortable-list.tsx';
import { useReorder } from '../api/change-rule.ts';
import { RuleCard } from './rule-card.tsx';
import { partsOf } from './words.ts';

type RulesProps = {
  readonly rules: readonly RoutingRule[];
  readonly onEdit: (rule: RoutingRule) => void;
  readonly onDelete: (rule: RoutingRule) => void;
};

const TITLES = ['Default', 'Match on one thing', 'Match on two things', 'Match on three things'];

/**
 * In the order they are looked at: those whose match says more first, since they win whatever their
 * place. Only among equals is there an order to choose.
 */
export function Rules({ rules, onEdit, onDelete }: RulesProps) {
  const reorder = useReorder();
  const groups = useMemo(
    () => [...Map.groupBy(rules, partsOf)].toSorted(([one], [other]) => other - one),
    [rules],
  );
  return (
    <div className="space-y-6">
      {groups.map(([parts, members]) => (
        <section key={parts} className="space-y-3">
          <div className="flex flex-wrap items-baseline gap-x-3">
            <h2 className="font-semibold">{TITLES[parts]}</h2>
            <p className="text-[13px] text-muted">{describeGroup(parts, members.length)}</p>
          </div>
          <SortableList
            className="space-y-3"
            items={members}
            idOf={({ id }) => id}
            nameOf={({ name }) => name}
            onMove={(moved) => reorder.mutate(putInOrder(rules, moved))}
          >
            {(rule, handle) => (
              <RuleCard
                rule={rule}
                handle={members.length > 1 ? handle : null}
                onEdit={() => onEdit(rule)}
                onDelete={() => onDelete(rule)}
              />
            )}
          </SortableList>
        </section>
      ))}
    </div>
  );
}

/** All rules, with those that were moved among each other in the places they have taken up. */
function putInOrder(rules: readonly RoutingRule[], moved: readonly RoutingRule[]): RoutingRule[] {
  const ids = new Set(moved.map(({ id }) => id));
  const next = moved.values();
  return rules.map((rule) => (ids.has(rule.id) ? (next.next().value ?? rule) : rule));
}

function describeGroup(parts: number, members: number): string {
  if (parts === 0) return 'Takes what is left.';
  return members > 1 ? 'The first that matches takes the mail. Drag to change the order.' : '';
}
