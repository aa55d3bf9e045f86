import type { ConnectionUsage } from '@courierx/contract';
import { queryOptions } from '@tanstack/react-query';
import { callApi } from '../../../lib/api-client.ts';

export const usageQuery = queryOptions({
  queryKey: ['connections', 'usage'],
  queryFn: ({ signal }) =>
    callApi<ConnectionUsage[]>('GET', '/provider_connections/usage', { signal }),
  refetchInterval: 15_000,
});
