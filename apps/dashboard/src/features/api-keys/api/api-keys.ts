import type { ApiKey, AuditEntry, CreateApiKeyRequest, CreatedApiKey } from '@courierx/contract';
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { callApi, getAll } from '../../../lib/api-client.ts';
import { useOptimistic } from '../../../lib/use-optimistic.ts';

const LIST_KEY = ['api-keys', 'list'] as const;

export const keysQuery = queryOptions({
  queryKey: LIST_KEY,
  queryFn: ({ signal }) => getAll<ApiKey>('/api_keys', signal),
  refetchInterval: 30_000,
});

/** Who made each key, by its id, as the audit log has it. */
export const makersQuery = queryOptions({
  queryKey: ['api-keys', 'makers'],
  queryFn: async ({ signal }) => {
    const query = { action: 'api_key.created', per_page: 100 };
    const entries = await callApi<AuditEntry[]>('GET', '/audit_log', { query, signal });
    return new Map(entries.map((entry) => [entry.subject_id, entry]));
  },
});

export type KeyMaking = ReturnType<typeof useMakeKey>;

export function useMakeKey() {
  const client = useQueryClient();
  return useMutation({
    meta: { showsErrors: true },
    mutationFn: (body: CreateApiKeyRequest) =>
      callApi<CreatedApiKey>('POST', '/api_keys', { body }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['api-keys'] }),
  });
}

export const useRevoke = () =>
  useOptimistic<readonly ApiKey[], string>({
    queryKey: LIST_KEY,
    save: (id) => callApi<ApiKey>('PATCH', `/api_keys/${id}/revoke`),
    apply: (keys, id) => keys.map((key) => (key.id === id ? { ...key, status: 'revoked' } : key)),
  });

export const useDeleteKey = () =>
  useOptimistic<readonly ApiKey[], string>({
    queryKey: LIST_KEY,
    save: (id) => callApi<undefined>('DELETE', `/api_keys/${id}`),
    apply: (keys, id) => keys.filter((key) => key.id !== id),
  });
