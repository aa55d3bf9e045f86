import type { ConnectionChange, ProviderConnection, Queue, RoutingRule } from '@courierx/contract';
import { queryOptions, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { callApi, getAll } from './api-client.ts';
import { useLive } from './live.ts';

/** In the order they are tried where no rule says otherwise. */
export const connectionsQuery = queryOptions({
  queryKey: ['connections', 'list'],
  queryFn: ({ signal }) => getAll<ProviderConnection>('/provider_connections', signal),
  refetchInterval: 15_000,
});

/** By position. */
export const rulesQuery = queryOptions({
  queryKey: ['routing-rules', 'list'],
  queryFn: ({ signal }) => getAll<RoutingRule>('/routing_rules', signal),
  refetchInterval: 30_000,
});

export const queueQuery = queryOptions({
  queryKey: ['queue'],
  queryFn: ({ signal }) => callApi<Queue>('GET', '/queue', { signal }),
  refetchInterval: 5_000,
});

/** Shows each change of health as the server tells of it, and connections made elsewhere. */
export function useLiveConnections(): void {
  const client = useQueryClient();
  const onChange = useCallback(
    ({ id, status, enabled, health }: ConnectionChange) => {
      const { queryKey } = connectionsQuery;
      const shown = client.getQueryData(queryKey);
      if (shown?.some((item) => item.id === id) !== true) {
        void client.invalidateQueries({ queryKey });
        return;
      }
      // What is being changed here is shown as it will be.
      if (client.isMutating({ mutationKey: queryKey }) > 0) return;
      client.setQueryData(queryKey, (items) =>
        items?.map((item) => (item.id === id ? { ...item, status, enabled, health } : item)),
      );
    },
    [client],
  );
  useLive('connection', onChange);
}
