import type {
  Email,
  Metrics,
  MetricsPeriod,
  ProviderConnection,
  Queue,
  UsageStat,
} from '@courierx/contract';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { callApi, getPage } from '../../../lib/api-client.ts';

const REFRESH_MS = 30_000;

export const metricsQuery = (period: MetricsPeriod) =>
  queryOptions({
    queryKey: ['metrics', period],
    queryFn: ({ signal }) =>
      callApi<Metrics>('GET', '/dashboard/metrics', { query: { period }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
  });

/** By day and provider, of the days of a {@link metricsQuery}. */
export const usageQuery = (from: string, to: string) =>
  queryOptions({
    queryKey: ['usage', from, to],
    queryFn: ({ signal }) =>
      callApi<UsageStat[]>('GET', '/usage_stats', { query: { from, to }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
  });

export const queueQuery = queryOptions({
  queryKey: ['queue'],
  queryFn: ({ signal }) => callApi<Queue>('GET', '/queue', { signal }),
  refetchInterval: 5_000,
});

export const connectionsQuery = queryOptions({
  queryKey: ['connections', 'overview'],
  queryFn: ({ signal }) =>
    getPage<ProviderConnection>('/provider_connections', { query: { per_page: 100 }, signal }),
  refetchInterval: 15_000,
});

export const newestEmailQuery = queryOptions({
  queryKey: ['emails', 'newest'],
  queryFn: ({ signal }) => getPage<Email>('/emails', { query: { per_page: 1 }, signal }),
});
