import type { Database } from '../../db/database.ts';

const STEP = 10_000;

/**
 * Housekeeping: sums up what came since the last time. Whoever reads meanwhile sees no difference. What
 * came of an account that is gone by now goes with it.
 */
export async function foldUsage({ pool }: Database): Promise<void> {
  for (;;) {
    const { rowCount } = await pool.query({
      name: 'fold-usage',
      text: `with gone as (
               delete from usage_deltas
               where (account_id, id) in (
                 select account_id, id from usage_deltas limit $1 for update skip locked)
               returning account_id, day, provider, type, amount
             ),
             folded as (
               insert into usage_days as u (account_id, day, provider, type, amount)
               select account_id, day, provider, type, sum(amount) from gone
               where exists (select from accounts a where a.id = gone.account_id)
               group by 1, 2, 3, 4 order by 1, 2, 3, 4
               on conflict (account_id, day, provider, type)
                 do update set amount = u.amount + excluded.amount
             )
             select 1 from gone`,
      values: [STEP],
    });
    if ((rowCount ?? 0) < STEP) return;
  }
}
