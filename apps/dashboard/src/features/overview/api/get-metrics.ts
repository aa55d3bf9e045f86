import type { Email, Metrics, MetricsPeriod } from '@courierx/contract';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { callApi, getPage, NEWEST } from '../../../lib/api-client.ts';

const REFRESH_MS = 30_000;

export const metricsQuery = (period: MetricsPeriod) =>
  queryOptions({
    queryKey: ['metrics', period],
    queryFn: ({ signal }) =>
      callApi<Metrics>('GET', '/dashboard/metrics', { query: { period }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
  });

export const newestEmailQuery = queryOptions({
  queryKey: ['emails', 'newest'],
  queryFn: ({ signal }) =>
    getPage<Email>('/emails', { query: { per_page: 1, cursor: NEWEST }, signal }),
});
