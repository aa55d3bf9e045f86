import { useMutation, useQueryClient } from '@tanstack/react-query';
import { callApi } from './api-client.ts';

type Call = {
  readonly method: 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
};

type Options<D, V> = {
  /** Every list under it is changed at once. They all have the shape `D`. */
  readonly list: readonly string[];
  /** What is read again afterwards; else the list alone. */
  readonly also?: readonly string[];
  readonly call: (input: V) => Call;
  readonly apply: (data: D, input: V) => D;
};

/** A change that shows before the server has said yes, and is taken back where it says no. */
export function useOptimistic<D, V>({ list, also, call, apply }: Options<D, V>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (input: V) => {
      const { method, path, query, body } = call(input);
      return callApi<unknown>(method, path, {
        ...(query !== undefined && { query }),
        ...(body !== undefined && { body }),
      });
    },
    async onMutate(input: V) {
      await client.cancelQueries({ queryKey: list });
      const before = client.getQueriesData<D>({ queryKey: list });
      client.setQueriesData<D>({ queryKey: list }, (data) =>
        data === undefined ? undefined : apply(data, input),
      );
      return before;
    },
    onError(_error, _input, before) {
      for (const [key, data] of before ?? []) client.setQueryData(key, data);
    },
    onSettled: () => client.invalidateQueries({ queryKey: also ?? list }),
  });
}
