import type { UsageCounts, UsageRates, UsageStat } from '@courierx/contract';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { callApi } from './api-client.ts';

export type Counts = Omit<UsageCounts, 'accepted'>;

const REFRESH_MS = 30_000;

/** What became of mail by day and provider; both days included. */
export const usageQuery = (from: string, to: string) =>
  queryOptions({
    queryKey: ['usage', from, to],
    queryFn: ({ signal }) =>
      callApi<UsageStat[]>('GET', '/usage_stats', { query: { from, to }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
  });

export const NO_COUNTS: Counts = {
  ...{ sent: 0, delivered: 0, deferred: 0, bounced: 0, hard_bounced: 0, complained: 0 },
  ...{ opened: 0, clicked: 0, unsubscribed: 0, failed: 0, suppressed: 0 },
};
export const COUNTS = Object.keys(NO_COUNTS) as readonly (keyof Counts)[];

export function sumCounts(stats: readonly Counts[]): Counts {
  const sum = { ...NO_COUNTS };
  for (const stat of stats) for (const key of COUNTS) sum[key] += stat[key];
  return sum;
}

/** As the API's: bounces of what was sent, the rest of what was delivered. */
export function ratesOf(counts: Counts): UsageRates {
  const share = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);
  const { sent, delivered } = counts;
  return {
    delivered: share(delivered, sent),
    bounced: share(counts.bounced, sent),
    complained: share(counts.complained, delivered),
    opened: share(counts.opened, delivered),
    clicked: share(counts.clicked, delivered),
  };
}

/** Every day of a range, zeros where nothing was. */
export function sumByDay(
  stats: readonly UsageStat[],
  { from, to }: { readonly from: string; readonly to: string },
): readonly (Counts & { readonly date: string })[] {
  const byDay = Map.groupBy(stats, ({ date }) => date);
  return daysBetween(from, to).map((date) => ({ date, ...sumCounts(byDay.get(date) ?? []) }));
}

/** The providers that were used, the busiest first. */
export function sumByProvider(
  stats: readonly UsageStat[],
): readonly (Counts & { readonly provider: string })[] {
  const groups = Map.groupBy(stats, ({ provider }) => provider);
  const sums = [...groups].flatMap(([provider, days]) =>
    provider === null ? [] : [{ provider, ...sumCounts(days) }],
  );
  return sums.toSorted((one, other) => other.sent - one.sent);
}

const DAY_MS = 86_400_000;

/** The day of UTC it is, and those before: YYYY-MM-DD. */
export const dayAgo = (days: number, nowMs = Date.now()) =>
  new Date(nowMs - days * DAY_MS).toISOString().slice(0, 10);

function daysBetween(from: string, to: string): readonly string[] {
  const days: string[] = [];
  for (let day = from; day <= to; day = dayAgo(-1, Date.parse(day))) days.push(day);
  return days;
}
