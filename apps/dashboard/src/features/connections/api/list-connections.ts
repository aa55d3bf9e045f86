import type { ConnectionChange, ConnectionUsage, ProviderConnection } from '@courierx/contract';
import { queryOptions, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { callApi, getPage } from '../../../lib/api-client.ts';
import { useLive } from '../../../lib/live.ts';

const REFRESH_MS = 15_000;

/** In the order they are tried. */
export const connectionsQuery = queryOptions({
  queryKey: ['connections', 'list'],
  async queryFn({ signal }) {
    const query = { per_page: 100 };
    return (await getPage<ProviderConnection>('/provider_connections', { query, signal })).items;
  },
  refetchInterval: REFRESH_MS,
});

export const usageQuery = queryOptions({
  queryKey: ['connections', 'usage'],
  queryFn: ({ signal }) =>
    callApi<ConnectionUsage[]>('GET', '/provider_connections/usage', { signal }),
  refetchInterval: REFRESH_MS,
});

/** Shows each change of health as the server tells of it, and connections made elsewhere. */
export function useLiveConnections() {
  const client = useQueryClient();
  const onChange = useCallback(
    ({ id, status, enabled, health }: ConnectionChange) => {
      const { queryKey } = connectionsQuery;
      const shown = client.getQueryData(queryKey);
      if (shown?.some((item) => item.id === id) === false) {
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
