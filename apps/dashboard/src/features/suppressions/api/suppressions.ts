import type { Suppression, SuppressionCounts, SuppressionReason } from '@courierx/contract';
import { queryOptions } from '@tanstack/react-query';
import { callApi } from '../../../lib/api-client.ts';
import { useOptimistic } from '../../../lib/use-optimistic.ts';
import { mapPages, type Pages } from '../../../lib/use-pages.ts';

export const LIST_KEY = ['suppressions', 'list'] as const;

export const REASONS: readonly (readonly [SuppressionReason, string])[] = [
  ['bounce', 'Bounce'],
  ['complaint', 'Complaint'],
  ['unsubscribe', 'Unsubscribe'],
  ['manual', 'Manual'],
];

export const countsQuery = queryOptions({
  queryKey: ['suppressions', 'counts'],
  queryFn: ({ signal }) => callApi<SuppressionCounts>('GET', '/suppressions/counts', { signal }),
  refetchInterval: 30_000,
});

/** Every reason of one address. `email` of the API is a part of an address. */
export const reasonsQuery = (address: string) =>
  queryOptions({
    queryKey: ['suppressions', 'of', address],
    queryFn: async ({ signal }) => {
      const query = { email: address, per_page: 100 };
      const found = await callApi<Suppression[]>('GET', '/suppressions', { query, signal });
      return found.filter(({ email }) => email === address);
    },
  });

/** Takes one reason off the list, or with `all` every reason of the address. */
export function useRemove() {
  return useOptimistic<Pages<Suppression>, { row: Suppression; all?: boolean }>({
    queryKey: LIST_KEY,
    save: ({ row, all }) =>
      all === true
        ? callApi<undefined>('DELETE', '/suppressions', { query: { email: row.email } })
        : callApi<undefined>('DELETE', `/suppressions/${row.id}`),
    apply: (data, { row, all }) =>
      mapPages(data, (rows) =>
        rows.filter(({ id, email }) => (all === true ? email !== row.email : id !== row.id)),
      ),
  });
}
