import type {
  CreateProviderConnectionRequest,
  ProviderConnection,
  UpdateProviderConnectionRequest,
  VerificationAnswer,
  WebhookSetupAnswer,
} from '@courierx/contract';
import { callApi } from '../../../lib/api-client.ts';
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

/** All of them, in their new order. */
export function useReorder() {
  return useOptimistic<Connections, Connections>({
    queryKey: connectionsQuery.queryKey,
    apply: (_, items) => items.map((item, at) => ({ ...item, priority: at + 1 })),
    save: (items) =>
      callApi<undefined>('POST', `${PATH}/reorder`, { body: { ids: items.map(({ id }) => id) } }),
  });
}
