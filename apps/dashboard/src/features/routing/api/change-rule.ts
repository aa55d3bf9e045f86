import type {
  CreateRoutingRuleRequest,
  RoutingRule,
  UpdateRoutingRuleRequest,
} from '@courierx/contract';
import { callApi } from '../../../lib/api-client.ts';
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

/** All of them, in their new order. */
export function useReorder() {
  return useOptimistic<Rules, Rules>({
    queryKey: rulesQuery.queryKey,
    apply: (_, rules) => rules.map((rule, at) => ({ ...rule, position: at + 1 })),
    save: (rules) =>
      callApi<undefined>('POST', `${PATH}/reorder`, { body: { ids: rules.map(({ id }) => id) } }),
  });
}
