import type { ProviderConnection, RoutingRule } from '@courierx/contract';
import { queryOptions } from '@tanstack/react-query';
import { getPage } from '../../../lib/api-client.ts';

const PER_PAGE = 100;
const REFRESH_MS = 30_000;

/** By position. There may be more than one page of them; there are 200 at most. */
export const rulesQuery = queryOptions({
  queryKey: ['routing-rules', 'list'],
  async queryFn({ signal }) {
    const read = (page: number) =>
      getPage<RoutingRule>('/routing_rules', { query: { per_page: PER_PAGE, page }, signal });
    const first = await read(1);
    const rest = (first.total ?? 0) > PER_PAGE ? await read(2) : null;
    return [...first.items, ...(rest?.items ?? [])];
  },
  refetchInterval: REFRESH_MS,
});

/** In the order they are tried where no rule says otherwise. */
export const connectionsQuery = queryOptions({
  queryKey: ['connections', 'routing'],
  async queryFn({ signal }) {
    const query = { per_page: PER_PAGE };
    return (await getPage<ProviderConnection>('/provider_connections', { query, signal })).items;
  },
});
