import type { UsageCounts } from '@courierx/contract';
import type pg from 'pg';

/** One day at one provider; '' where none was asked. */
export type UsageRow = {
  /** YYYY-MM-DD, in UTC. */
  readonly day: string;
  readonly provider: string;
  /** By type; a type that did not happen is missing. */
  readonly counts: Readonly<Record<string, number>>;
};

export type UsageRange = {
  readonly accountId: string;
  /** Days, both included. */
  readonly from: string;
  readonly to: string;
};

/**
 * What is summed up and what is not yet, in one look: exact at any moment. A row a day and provider
 * takes half the time of a row a type.
 */
export async function readUsage(pool: pg.Pool, range: UsageRange): Promise<UsageRow[]> {
  const { rows } = await pool.query<UsageRow>({
    name: 'read-usage',
    text: `select to_char(day, 'YYYY-MM-DD') as day, provider,
                  json_object_agg(type, amount) as counts
           from (
             select day, provider, type, sum(amount)::bigint as amount
             from (
               select day, provider, type, amount from usage_days
               where account_id = $1 and day between $2 and $3
               union all
               select day, provider, type, amount from usage_deltas
               where account_id = $1 and day between $2 and $3
             ) u
             group by 1, 2, 3
           ) summed
           group by summed.day, provider order by summed.day, provider`,
    values: [range.accountId, range.from, range.to],
  });
  return rows;
}

/** The figures of recipients, of which there is none. */
export const NO_EVENTS: Omit<UsageCounts, 'accepted'> = {
  ...{ sent: 0, delivered: 0, deferred: 0, bounced: 0, hard_bounced: 0, complained: 0 },
  ...{ opened: 0, clicked: 0, unsubscribed: 0, failed: 0, suppressed: 0 },
};

/** The rows added to counts by name; other words are left out. */
export function countUsage<T extends Readonly<Record<string, number>>>(
  rows: readonly UsageRow[],
  zeros: T,
): T {
  const counts: Record<string, number> = { ...zeros };
  for (const row of rows) {
    for (const [type, amount] of Object.entries(row.counts)) {
      const count = counts[type];
      if (count !== undefined) counts[type] = count + amount;
    }
  }
  return counts as T;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** A day some days away from another, both YYYY-MM-DD. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
}

/** Every day from the first to the last. */
export function daysBetween(from: string, to: string): string[] {
  const days: string[] = [];
  for (let day = from; day <= to; day = addDays(day, 1)) days.push(day);
  return days;
}
