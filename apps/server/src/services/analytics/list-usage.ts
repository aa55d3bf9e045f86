import type { ProviderName, UsageQuery, UsageStat } from '@courierx/contract';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { readDay } from '../read-time.ts';
import { invalid } from '../service-error.ts';
import { addDays, countUsage, daysBetween, NO_EVENTS, readUsage } from './read-usage.ts';

const DEFAULT_DAYS = 30;
const MOST_DAYS = 400;

/** Every day of the range for each provider that was used in it, the oldest first. */
export async function listUsage(
  { database, now }: ServiceDeps,
  principal: Principal,
  query: UsageQuery,
): Promise<UsageStat[]> {
  requirePermission(principal, 'read');
  const { from, to } = readRange(query, now().toISOString().slice(0, 10));
  const rows = await readUsage(database.pool, { accountId: principal.accountId, from, to });
  const told = rows.filter(({ counts }) => Object.keys(counts).some((type) => type !== 'accepted'));
  const providers = [...new Set(told.map(({ provider }) => provider))].toSorted();
  const byPlace = Map.groupBy(told, ({ day, provider }) => `${day} ${provider}`);
  return daysBetween(from, to).flatMap((date) =>
    providers.map((provider) => ({
      date,
      provider: provider === '' ? null : (provider as ProviderName),
      ...countUsage(byPlace.get(`${date} ${provider}`) ?? [], NO_EVENTS),
    })),
  );
}

function readRange(query: UsageQuery, today: string): { from: string; to: string } {
  const faults: string[] = [];
  const to = readDay(query.to, { field: 'to', faults }) ?? today;
  const from = readDay(query.from, { field: 'from', faults }) ?? addDays(to, 1 - DEFAULT_DAYS);
  if (faults.length === 0 && from > to) faults.push('from must not be after to');
  if (faults.length === 0 && addDays(from, MOST_DAYS) <= to) {
    faults.push(`from and to must not be more than ${MOST_DAYS} days apart`);
  }
  if (faults.length > 0) throw invalid(faults);
  return { from, to };
}
