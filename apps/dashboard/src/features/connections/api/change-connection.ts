import type {
  CreateProviderConnectionRequest,
  ProviderConnection,
  UpdateProviderConnectionRequest,
  VerificationAnswer,
  WebhookSetupAnswer,
} from '@courierx/contract';
import { callApi } from '../../../lib/api-client.ts';
import { planRanks } from '../../../lib/reorder.ts';
import { useOptimistic } from '../../../lib/use-optimistic.ts';
import { connectionsQuery } from '../../../lib/flow.ts';

const PATH = '/provider_connections';
type Connections = readonly ProviderConnection[];

/** The provider is asked first: where it says no, nothing is stored. */
export const connect = (body: CreateProviderConnectionRequest) =>
  callApi<ProviderConnection>('POST', PATH, { body });

export const updateConnection = (id: string, body: UpdateProviderConnectionRequest) =>
  callApi<ProviderConnection>('PATCH', `${PATH}/${id}`, { body });

export const verifyConnection = (id: string) =>
  callApi<VerificationAnswer>('POST', `${PATH}/${id}/verify`);

export const setUpWebhook = (id: string) =>
  callApi<WebhookSetupAnswer>('POST', `${PATH}/${id}/setup_webhook`);

/** Pauses one, or lets it be used again. */
export function useSetEnabled() {
  return useOptimistic<Connections, { readonly id: string; readonly enabled: boolean }>({
    queryKey: connectionsQuery.queryKey,
    apply: (shown, { id, enabled }) =>
      shown.map((item) => (item.id === id ? { ...item, enabled } : item)),
    save: ({ id, enabled }) => updateConnection(id, { enabled }),
  });
}

export function useDisconnect() {
  return useOptimistic<Connections, string>({
    queryKey: connectionsQuery.queryKey,
    apply: (shown, id) => shown.filter((item) => item.id !== id),
    save: (id) => callApi<undefined>('DELETE', `${PATH}/${id}`),
  });
}

/** Puts one at another place of the order they are tried in; all of them in their new order. */
export function useReorder() {
  return useOptimistic<Connections, { readonly items: Connections; readonly moved: string }>({
    queryKey: connectionsQuery.queryKey,
    apply: (_, change) => {
      const ranks = new Map(planOf(change).map(({ id, rank }) => [id, rank]));
      return change.items.map((item) => ({
        ...item,
        priority: ranks.get(item.id) ?? item.priority,
      }));
    },
    async save(change) {
      for (const { id, rank } of planOf(change)) await updateConnection(id, { priority: rank });
    },
  });
}

function planOf({ items, moved }: { readonly items: Connections; readonly moved: string }) {
  const ranked = items.map(({ id, priority }) => ({ id, rank: priority }));
  return planRanks(ranked, moved);
}
