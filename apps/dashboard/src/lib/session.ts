import type { AccountAnswer } from '@courierx/contract';
import { queryOptions } from '@tanstack/react-query';
import { callApi } from './api-client.ts';

/** The account that is signed in. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) => callApi<AccountAnswer>('GET', '/auth/session', { signal }),
  staleTime: 60_000,
});
