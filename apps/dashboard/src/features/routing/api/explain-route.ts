import type { RouteExplanation } from '@courierx/contract';
import { queryOptions } from '@tanstack/react-query';
import { callApi } from '../../../lib/api-client.ts';

export type MailToExplain = {
  readonly from: string;
  readonly to: readonly string[];
  readonly tags: readonly string[];
};

const REFRESH_MS = 15_000;

/** Where a mail would go as things are; asked again when rules change, and from time to time. */
export const explanationQuery = (mail: MailToExplain | null) =>
  queryOptions({
    queryKey: ['routing-rules', 'explain', mail],
    queryFn: ({ signal }) =>
      callApi<RouteExplanation>('POST', '/routing_rules/explain', { body: mail, signal }),
    enabled: mail !== null,
    refetchInterval: (query) => (query.state.error === null ? REFRESH_MS : false),
    staleTime: 0,
  });
