import type { Domain } from '@courierx/contract';
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { callApi, getAll } from '../../../lib/api-client.ts';
import { useOptimistic } from '../../../lib/use-optimistic.ts';

const LIST_KEY = ['domains', 'list'] as const;

export const domainsQuery = queryOptions({
  queryKey: LIST_KEY,
  queryFn: ({ signal }) => getAll<Domain>('/domains', signal),
  // One that waits for its record is looked at every minute or two.
  refetchInterval: ({ state }) =>
    state.data?.some(({ status }) => status === 'pending') === true ? 15_000 : 60_000,
});

export function useVerify(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => callApi<Domain>('POST', `/domains/${id}/verify`),
    onSuccess: (domain) => {
      client.setQueryData<Domain[]>(LIST_KEY, (domains) =>
        domains?.map((one) => (one.id === id ? domain : one)),
      );
    },
  });
}

export const useRemoveDomain = () =>
  useOptimistic<readonly Domain[], string>({
    queryKey: LIST_KEY,
    save: (id) => callApi<undefined>('DELETE', `/domains/${id}`),
    apply: (domains, id) => domains.filter((domain) => domain.id !== id),
  });
