import type {
  ReplayAnswer,
  ReplayWebhooksRequest,
  WebhookDelivery,
  WebhookDeliveryDetail,
  WebhookEndpoint,
  WebhookEndpointWithSecret,
} from '@courierx/contract';
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { callApi, getAll } from '../../../lib/api-client.ts';
import { useOptimistic } from '../../../lib/use-optimistic.ts';

const LIST_KEY = ['webhooks', 'list'] as const;
export const pathOf = (id: string) => `/webhook_endpoints/${id}`;

export const endpointsQuery = queryOptions({
  queryKey: LIST_KEY,
  queryFn: ({ signal }) => getAll<WebhookEndpoint>('/webhook_endpoints', signal),
  refetchInterval: 15_000,
});

export const endpointQuery = (id: string) =>
  queryOptions({
    queryKey: ['webhooks', 'one', id],
    queryFn: ({ signal }) => callApi<WebhookEndpoint>('GET', pathOf(id), { signal }),
    refetchInterval: 15_000,
  });

export const deliveryQuery = (id: string, deliveryId: string) =>
  queryOptions({
    queryKey: ['webhooks', 'delivery', id, deliveryId],
    queryFn: ({ signal }) =>
      callApi<WebhookDeliveryDetail>('GET', `${pathOf(id)}/deliveries/${deliveryId}`, { signal }),
    refetchInterval: ({ state }) => (state.data?.status === 'pending' ? 2_000 : 15_000),
  });

/** Turns an endpoint on or off, wherever it is shown. */
export function useSwitch(id: string) {
  const { mutate: switchListed } = useOptimistic<readonly WebhookEndpoint[], boolean>({
    queryKey: LIST_KEY,
    save: saveSwitch(id),
    apply: (endpoints, enabled) =>
      endpoints.map((endpoint) => (endpoint.id === id ? { ...endpoint, enabled } : endpoint)),
  });
  return switchListed;
}

/** The same for the endpoint's own page. */
export function useSwitchOne(id: string) {
  return useOptimistic<WebhookEndpoint, boolean>({
    queryKey: ['webhooks', 'one', id],
    save: saveSwitch(id),
    apply: (endpoint, enabled) => ({ ...endpoint, enabled, disabled_reason: null }),
  });
}

const saveSwitch = (id: string) => (enabled: boolean) =>
  callApi<WebhookEndpoint>('PATCH', pathOf(id), { body: { enabled } });

type Call = { readonly method: 'POST' | 'PATCH' | 'DELETE'; readonly path: string };

function useCall<T, B = void>(callOf: (body: B) => Call, inForm = false) {
  const client = useQueryClient();
  return useMutation({
    meta: { showsErrors: inForm },
    mutationFn: (body: B) => {
      const { method, path } = callOf(body);
      return callApi<T>(method, path, method === 'DELETE' ? {} : { body: body ?? {} });
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ['webhooks'] }),
  });
}

export type EndpointFields = {
  readonly url: string;
  readonly description: string | null;
  readonly events: readonly string[];
};

export const useAddEndpoint = () =>
  useCall<WebhookEndpointWithSecret, EndpointFields>(
    () => ({ method: 'POST', path: '/webhook_endpoints' }),
    true,
  );

export const useEditEndpoint = (id: string) =>
  useCall<WebhookEndpoint, EndpointFields>(() => ({ method: 'PATCH', path: pathOf(id) }), true);

export const useRemoveEndpoint = (id: string) =>
  useCall<undefined>(() => ({ method: 'DELETE', path: pathOf(id) }));

export const useRotateSecret = (id: string) =>
  useCall<WebhookEndpointWithSecret>(() => ({
    method: 'POST',
    path: `${pathOf(id)}/rotate_secret`,
  }));

export const useSendTest = (id: string) =>
  useCall<WebhookDelivery, { event: string }>(() => ({
    method: 'POST',
    path: `${pathOf(id)}/test`,
  }));

/** Of those that were missed, of a range, or both. */
export const useReplay = (id: string) =>
  useCall<ReplayAnswer, ReplayWebhooksRequest>(
    () => ({ method: 'POST', path: `${pathOf(id)}/replay` }),
    true,
  );

export function useReplayOne(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (deliveryId: string) =>
      callApi<WebhookDelivery>('POST', `${pathOf(id)}/deliveries/${deliveryId}/replay`),
    onSuccess: () => client.invalidateQueries({ queryKey: ['webhooks'] }),
  });
}
