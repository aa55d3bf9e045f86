import type { SandboxMessage, SandboxMessageDetail } from '@courierx/contract';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { callApi, callApiForText, getPage } from '../../../lib/api-client.ts';

/** Also read again as soon as the stream tells of a mail. */
export const inboxQuery = infiniteQueryOptions({
  queryKey: ['sandbox', 'inbox'],
  initialPageParam: undefined as string | undefined,
  queryFn: ({ pageParam: cursor, signal }) =>
    getPage<SandboxMessage>('/sandbox/messages', { query: { per_page: 50, cursor }, signal }),
  getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  refetchInterval: 15_000,
});

export const messageQuery = (id: string) =>
  queryOptions({
    queryKey: ['sandbox', 'message', id],
    queryFn: ({ signal }) =>
      callApi<SandboxMessageDetail>('GET', `/sandbox/messages/${id}`, { signal }),
    staleTime: Infinity,
  });

export const rawQuery = (id: string) =>
  queryOptions({
    queryKey: ['sandbox', 'raw', id],
    queryFn: ({ signal }) =>
      callApiForText(`/emails/${id}/raw`, { signal, headers: { accept: '*/*' } }),
    staleTime: Infinity,
  });
