import { useMutation, useQueryClient } from '@tanstack/react-query';
import { makeKey } from '../api/first-steps.ts';

export type KeyMaker = {
  /** Shown as long as this page is open, and never again. */
  readonly key: string | null;
  readonly isPending: boolean;
  readonly error: unknown;
  readonly make: (name: string) => void;
};

export function useKeyMaker(): KeyMaker {
  const client = useQueryClient();
  const made = useMutation({
    mutationFn: makeKey,
    meta: { showsErrors: true },
    onSuccess: () => client.invalidateQueries({ queryKey: ['api-keys'] }),
  });
  return {
    key: made.data?.raw_key ?? null,
    isPending: made.isPending,
    error: made.error,
    make: (name) => made.mutate(name),
  };
}
