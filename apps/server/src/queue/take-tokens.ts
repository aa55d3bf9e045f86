import type pg from 'pg';

export type TokenRequest = {
  readonly accountId: string;
  readonly connectionId: string;
  readonly wanted: number;
  /** Limits that hold now; null: none. Days and months are those of UTC. */
  readonly perSecond: number | null;
  readonly perDay: number | null;
  readonly perMonth: number | null;
};

export type TokenGrant = {
  readonly granted: number;
  /** Until the next token, where fewer than wanted were granted. */
  readonly waitMs: number;
  readonly limit: 'second' | 'day' | 'month' | null;
};

/**
 * Grants a connection's next mails to one worker, of all who ask: one row lock orders them. In no
 * second, wherever it begins, are there more than the rate: providers that count by the second, and
 * those that keep a bucket, take both. The even spacing of GCRA lost a sixth of a rate of 14/s to the
 * workers' timers or, with room to catch up, went over it. Caps are counted here and nowhere else.
 */
export async function takeTokens(pool: pg.Pool, request: TokenRequest): Promise<TokenGrant> {
  const { accountId, connectionId, wanted, perSecond, perDay, perMonth } = request;
  const values = [accountId, connectionId, wanted, perSecond, perDay, perMonth];
  const result = await pool.query<TokenGrant>({ name: 'take-tokens', text: SQL, values });
  const [grant] = result.rows;
  if (grant) return grant;
  await pool.query({ name: 'make-pace', text: MAKE, values: [accountId, connectionId] });
  const again = await pool.query<TokenGrant>({ name: 'take-tokens', text: SQL, values });
  // Deleted meanwhile: the attempt will find out.
  return again.rows[0] ?? { granted: wanted, waitMs: 0, limit: null };
}

/** The grain of the clock that mails are counted by. */
const SLOT_MS = 25;

const MAKE = `
insert into connection_paces (account_id, connection_id)
select account_id, id from connections where account_id = $1 and id = $2
on conflict do nothing`;

/** A rate of 13.5 a second is kept as 14 in 1.04 seconds, one of 0.5 as one in two seconds. */
const SQL = `
with row as materialized (
  select * from connection_paces where account_id = $1 and connection_id = $2 for update
),
clock as materialized (
  select row.*, clock_timestamp() as now from row
),
used as materialized (
  select clock.*, (now at time zone 'UTC')::date as today,
         date_trunc('month', now at time zone 'UTC')::date as this_month,
         extract(epoch from now)::float8 * 1000 as now_ms,
         floor(extract(epoch from now) * ${1000 / SLOT_MS})::bigint as slot,
         ceil($4::float8)::int as at_once,
         ceil(ceil($4::float8) / $4::float8 * ${1000 / SLOT_MS})::bigint as window_slots
  from clock
),
recent as materialized (
  select used.*, kept.*,
         case when day = today then day_count else 0 end as day_used,
         case when month = this_month then month_count else 0 end as month_used
  from used
  cross join lateral (
    select coalesce(array_agg(r.slot order by r.slot), '{}') as slots,
           coalesce(array_agg(r.count order by r.slot), '{}') as counts,
           coalesce(sum(r.count), 0)::int as recently,
           min(r.slot) as oldest
    from unnest(used.recent_slots, used.recent_counts) as r(slot, count)
    -- None of the future: a clock that was set back would have all mail wait until it is there again.
    where r.slot between used.slot - used.window_slots and used.slot
  ) kept
),
allowed as materialized (
  select recent.*, coalesce(at_once - recently, $3::int) as by_rate,
         coalesce($5::int - day_used, $3) as by_day,
         coalesce($6::int - month_used, $3) as by_month
  from recent
),
grants as materialized (
  select allowed.*, greatest(0, least($3::int, by_rate, by_day, by_month)) as granted from allowed
),
taken as (
  update connection_paces p
  set recent_slots = case when at_once is null then '{}' else slots || slot end,
      recent_counts = case when at_once is null then '{}' else counts || granted end,
      day = today, day_count = day_used + granted,
      month = this_month, month_count = month_used + granted
  from grants g
  where p.account_id = $1 and p.connection_id = $2 and granted > 0
)
select granted,
       case when granted >= $3 then null
            when by_month <= granted then 'month'
            when by_day <= granted then 'day'
            else 'second' end as limit,
       ceil(greatest(0, case
         when by_month <= granted then extract(epoch from
           ((this_month + interval '1 month') at time zone 'UTC') - now)::float8 * 1000
         when by_day <= granted then extract(epoch from
           ((today + 1)::timestamp at time zone 'UTC') - now)::float8 * 1000
         else (coalesce(oldest, slot) + window_slots + 1) * ${SLOT_MS} - now_ms
       end))::float8 as "waitMs"
from grants`;

/** Gives tokens back whose mails were certainly not sent, so that an outage uses up no cap. */
export async function returnToken(
  pool: pg.Pool,
  of: { accountId: string; connectionId: string },
): Promise<void> {
  await pool.query({
    name: 'return-token',
    text: `update connection_paces
           set day_count = greatest(0, day_count - 1), month_count = greatest(0, month_count - 1)
           where account_id = $1 and connection_id = $2`,
    values: [of.accountId, of.connectionId],
  });
}

/** Keeps the rate found after a refusal for speed; at most one a second, since many come at once. */
export async function throttleConnection(
  pool: pg.Pool,
  of: { accountId: string; connectionId: string; rate: number },
): Promise<void> {
  await pool.query({
    name: 'throttle-connection',
    text: `insert into connection_paces as p
             (account_id, connection_id, throttled_rate, throttled_at)
           select account_id, id, $3, now() from connections where account_id = $1 and id = $2
           on conflict (account_id, connection_id) do update
             set throttled_rate = excluded.throttled_rate, throttled_at = excluded.throttled_at
             where coalesce(p.throttled_at, '-infinity') < now() - interval '1 second'`,
    values: [of.accountId, of.connectionId, of.rate],
  });
}
