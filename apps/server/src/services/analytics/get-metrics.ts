import type { Metrics, MetricsQuery, UsageCounts, UsageRates } from '@courierx/contract';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { addDays, countUsage, daysBetween, NO_EVENTS, readUsage } from './read-usage.ts';

const ZEROS: UsageCounts = { accepted: 0, ...NO_EVENTS };

const DAYS = { '7d': 7, '30d': 30, '90d': 90 } as const;

/** Totals, rates and days of a period that ends today, in UTC. */
export async function getMetrics(
  { database, now }: ServiceDeps,
  principal: Principal,
  { period = '30d' }: MetricsQuery,
): Promise<Metrics> {
  requirePermission(principal, 'read');
  const to = now().toISOString().slice(0, 10);
  const from = addDays(to, 1 - DAYS[period]);
  const rows = await readUsage(database.pool, { accountId: principal.accountId, from, to });
  const byDay = Map.groupBy(rows, ({ day }) => day);
  const totals = countUsage(rows, ZEROS);
  return {
    ...{ period, from, to, totals, rates: ratesOf(totals) },
    daily: daysBetween(from, to).map((date) => ({
      date,
      ...countUsage(byDay.get(date) ?? [], ZEROS),
    })),
  };
}

function ratesOf(counts: UsageCounts): UsageRates {
  const { sent, delivered } = counts;
  return {
    delivered: share(delivered, sent),
    bounced: share(counts.bounced, sent),
    complained: share(counts.complained, delivered),
    opened: share(counts.opened, delivered),
    clicked: share(counts.clicked, delivered),
  };
}

/** To four places. */
function share(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 10_000;
}
