import { useMutation, useQueryClient, type QueryKey } from '@tanstack/react-query';

type Optimistic<T, C> = {
  /**
   * Every list under it is changed at once; they all have the shape `T`. All that begins with its first
   * word is read again afterwards.
   */
  readonly queryKey: QueryKey;
  /** What is shown, once the change is made. */
  readonly apply: (shown: T, change: C) => T;
  readonly save: (change: C) => Promise<unknown>;
};

/** A change that shows before the server has agreed to it, and goes back when the server refuses. */
export function useOptimistic<T, C>({ queryKey, apply, save }: Optimistic<T, C>) {
  const client = useQueryClient();
  return useMutation({
    mutationKey: queryKey,
    // One after the other, as they were made: of two orders of one list, the later one has to stay.
    scope: { id: queryKey.join(' ') },
    mutationFn: save,
    async onMutate(change: C) {
      await client.cancelQueries({ queryKey });
      const before = client.getQueriesData<T>({ queryKey });
      client.setQueriesData<T>({ queryKey }, (shown) =>
        shown === undefined ? undefined : apply(shown, change),
      );
      return before;
    },
    onError(...[, , before]) {
      for (const [key, shown] of before ?? []) client.setQueryData(key, shown);
    },
    async onSettled() {
      // While another change is under way, what the server says would take that one back.
      if (client.isMutating({ mutationKey: queryKey }) > 1) return;
      await client.invalidateQueries({ queryKey: queryKey.slice(0, 1) });
    },
  });
}
