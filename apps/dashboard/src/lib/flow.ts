import type { ConnectionChange, ProviderConnection, Queue, RoutingRule } from '@courierx/contract';
import { queryOptions, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { callApi, getPage } from './api-client.ts';
import { useLive } from './live.ts';

/** What tells whether mail flows: the connections, the rules over them, and the queue. */
export const connectionsQuery = queryOptions({
  queryKey: ['connections', 'overview'],
  queryFn: ({ signal }) =>
    getPage<ProviderConnection>('/provider_connections', { query: { per_page: 100 }, signal }),
  refetchInterval: 15_000,
});

export const rulesQuery = queryOptions({
  queryKey: ['routing-rules', 'flow'],
  queryFn: ({ signal }) =>
    getPage<RoutingRule>('/routing_rules', { query: { per_page: 100 }, signal }),
  refetchInterval: 60_000,
});

export const queueQuery = queryOptions({
  queryKey: ['queue'],
  queryFn: ({ signal }) => callApi<Queue>('GET', '/queue', { signal }),
  refetchInterval: 5_000,
});

/** Keeps the connections as the server tells of them. */
export function useLiveConnections(): void {
  const queryClient = useQueryClient();
  const onChange = useCallback(
    ({ id, status, enabled, health }: ConnectionChange) => {
      const known = queryClient.getQueryData(connectionsQuery.queryKey)?.items ?? [];
      if (!known.some((item) => item.id === id)) {
        void queryClient.invalidateQueries({ queryKey: connectionsQuery.queryKey });
      }
      queryClient.setQueryData(connectionsQuery.queryKey, (page) => {
        if (page === undefined) return page;
        const items = page.items.map((item) =>
          item.id === id ? { ...item, status, enabled, health } : item,
        );
        return { ...page, items };
      });
    },
    [queryClient],
  );
  useLive('connection', onChange);
}
