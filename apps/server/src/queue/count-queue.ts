import type pg from 'pg';

export type QueueCounts = {
  readonly queued: number;
  readonly due: number;
  readonly inFlight: number;
  readonly held: number;
  /** Null where nothing is due. */
  readonly oldestDueSeconds: number | null;
};

/**
 * What waits of one account. Each part reads at most `max` entries of the index (account_id,
 * run_at), so that a million waiting mails cost no more than that; what waits for a later time is
 * looked through from the nearest on, which is where a lease ends.
 */
export async function countQueue(
  pool: pg.Pool,
  { accountId, max }: { accountId: string; max: number },
): Promise<QueueCounts> {
  const result = await pool.query<QueueCounts>({
    name: 'count-queue',
    text: SQL,
    values: [accountId, max],
  });
  const [row] = result.rows;
  if (!row) throw new Error('An aggregate answered no row');
  return row;
}

const SQL = `
with later as (
  select email_id, lease from queue
  where account_id = $1 and run_at > now() order by run_at limit $2)
select
  (select count(*)::int from (select 1 from queue where account_id = $1 limit $2) q) as queued,
  (select count(*)::int
   from (select 1 from queue where account_id = $1 and run_at <= now() limit $2) q) as due,
  (select count(*)::int from later where lease is not null) as "inFlight",
  -- Without the policy nothing is held, and no attempt is looked at.
  (select case when a.on_unknown <> 'hold' then 0
          else (select count(*)::int from later
                where lease is null and coalesce(
                  (select t.outcome = 'unknown' from attempts t
                   where t.account_id = $1 and t.email_id = later.email_id
                   order by t.number desc limit 1), false)) end
   from accounts a where a.id = $1) as held,
  (select floor(extract(epoch from now() - min(run_at)))::int
   from queue where account_id = $1 and run_at <= now()) as "oldestDueSeconds"`;
