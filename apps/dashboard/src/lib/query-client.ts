import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiError } from './api-client.ts';
import { toast } from './toast.ts';

const listeners = new Set<() => void>();

/** Calls back when the API says that there is no session any more. */
export function onSessionEnd(listener: () => void): void {
  listeners.add(listener);
}

function noteError(error: unknown): void {
  if (error instanceof ApiError && error.status === 401) {
    for (const listener of listeners) listener();
  }
}

function isWorthRetrying(failures: number, error: unknown): boolean {
  if (error instanceof ApiError && error.status >= 400 && error.status < 500) return false;
  return failures < 2;
}

export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: noteError }),
  mutationCache: new MutationCache({
    onError(...[error, , , mutation]) {
      noteError(error);
      // A form shows its own faults beside its fields.
      if (mutation.meta?.['showsErrors'] === true) return;
      toast.error(error instanceof Error ? error.message : 'Something went wrong.');
    },
  }),
  defaultOptions: { queries: { retry: isWorthRetrying, staleTime: 10_000 } },
});
