import type {
  CreateRoutingRuleRequest,
  RoutingRule,
  UpdateRoutingRuleRequest,
} from '@courierx/contract';
import { callApi } from '../../../lib/api-client.ts';
import { planRanks } from '../../../lib/reorder.ts';
import { useOptimistic } from '../../../lib/use-optimistic.ts';
import { rulesQuery } from '../../../lib/flow.ts';

const PATH = '/routing_rules';
type Rules = readonly RoutingRule[];

export const createRule = (body: CreateRoutingRuleRequest) =>
  callApi<RoutingRule>('POST', PATH, { body });

export const updateRule = (id: string, body: UpdateRoutingRuleRequest) =>
  callApi<RoutingRule>('PATCH', `${PATH}/${id}`, { body });

export function useSetEnabled() {
  return useOptimistic<Rules, { readonly id: string; readonly enabled: boolean }>({
    queryKey: rulesQuery.queryKey,
    apply: (shown, { id, enabled }) =>
      shown.map((rule) => (rule.id === id ? { ...rule, enabled } : rule)),
    save: ({ id, enabled }) => updateRule(id, { enabled }),
  });
}

export function useDeleteRule() {
  return useOptimistic<Rules, string>({
    queryKey: rulesQuery.queryKey,
    apply: (shown, id) => shown.filter((rule) => rule.id !== id),
    save: (id) => callApi<undefined>('DELETE', `${PATH}/${id}`),
  });
}

/** Puts one at another place among those that match equally well, all of which are given in order. */
export function useReorder() {
  return useOptimistic<Rules, { readonly items: Rules; readonly moved: string }>({
    queryKey: rulesQuery.queryKey,
    apply(shown, change) {
      const ranks = new Map(planOf(change).map(({ id, rank }) => [id, rank]));
      return shown
        .map((rule) => ({ ...rule, position: ranks.get(rule.id) ?? rule.position }))
        .toSorted((one, other) => one.position - other.position);
    },
    async save(change) {
      for (const { id, rank } of planOf(change)) await updateRule(id, { position: rank });
    },
  });
}

function planOf({ items, moved }: { readonly items: Rules; readonly moved: string }) {
  return planRanks(
    items.map(({ id, position }) => ({ id, rank: position })),
    moved,
  );
}
