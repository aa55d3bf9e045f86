import { useMutation, useQueryClient } from '@tanstack/react-query';
import { callApi } from './api-client.ts';

type Change = {
  readonly method: 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
};

/**
 * A change over the API, after which what is listed under `key` is read again. `inForm`: whoever uses
 * it shows its faults; those of others become a toast.
 */
export function useChange<T>(key: string, { inForm = false } = {}) {
  const client = useQueryClient();
  return useMutation({
    meta: { showsErrors: inForm },
    mutationFn: ({ method, path, body }: Change) =>
      callApi<T>(method, path, body === undefined ? {} : { body }),
    onSuccess: () => client.invalidateQueries({ queryKey: [key] }),
  });
}
