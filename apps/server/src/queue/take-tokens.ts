import type pg from 'pg';

export type TokenRequest = {
  readonly accountId: string;
  readonly connectionId: string;
  readonly wanted: number;
  /** Limits that hold now; null: none. Days and months are those of UTC. */
  readonly perSecond: number | null;
  readonly perDay: number | null;
  readonly perMonth: number | null;
  readonly catchUpMs: number;
};

export type TokenGrant = {
  readonly granted: number;
  /** Until the next token, where fewer than wanted were granted. */
  readonly waitMs: number;
  readonly limit: 'second' | 'day' | 'month' | null;
};

/**
 * Grants a connection's next mails to one worker, of all who ask: one row lock orders them. The rate
 * is kept by the time at which the next mail would go were all sent evenly; a little that was
 * missed may be caught up with. Caps are counted here and nowhere else.
 */
export async function takeTokens(pool: pg.Pool, request: TokenRequest): Promise<TokenGrant> {
  const { accountId, connectionId, wanted, perSecond, perDay, perMonth, catchUpMs } = request;
  const values = [accountId, connectionId, wanted, perSecond, perDay, perMonth, catchUpMs];
  const result = await pool.query<TokenGrant>({ name: 'take-tokens', text: SQL, values });
  const [grant] = result.rows;
  if (grant) return grant;
  await pool.query({ name: 'make-pace', text: MAKE, values: [accountId, connectionId] });
  const again = await pool.query<TokenGrant>({ name: 'take-tokens', text: SQL, values });
  // Deleted meanwhile: the attempt will find out.
  return again.rows[0] ?? { granted: wanted, waitMs: 0, limit: null };
}

const MAKE = `
insert into connection_paces (account_id, connection_id)
select account_id, id from connections where account_id = $1 and id = $2
on conflict do nothing`;

const SQL = `
with row as materialized (
  select * from connection_paces where account_id = $1 and connection_id = $2 for update
),
clock as materialized (
  select row.*, clock_timestamp() as now, (clock_timestamp() at time zone 'UTC')::date as today,
         date_trunc('month', clock_timestamp() at time zone 'UTC')::date as this_month,
         1000 / $4::float8 as gap_ms
  from row
),
used as materialized (
  select clock.*, greatest(next_at, now) as base,
         case when day = today then day_count else 0 end as day_used,
         case when month = this_month then month_count else 0 end as month_used
  from clock
),
allowed as materialized (
  select used.*,
         case when gap_ms is null then $3::int
              else floor((extract(epoch from now - base) * 1000 + $7::float8) / gap_ms)::int + 1
         end as by_rate,
         coalesce($5::int - day_used, $3) as by_day,
         coalesce($6::int - month_used, $3) as by_month
  from used
),
grants as materialized (
  select allowed.*, greatest(0, least($3::int, by_rate, by_day, by_month)) as granted from allowed
),
taken as (
  update connection_paces p
  set next_at = case when gap_ms is null then p.next_at
                     else base + granted * gap_ms * interval '1 millisecond' end,
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
       ceil(1000 * extract(epoch from case
         when by_month <= granted then (this_month + interval '1 month') at time zone 'UTC' - now
         when by_day <= granted then (today + 1)::timestamp at time zone 'UTC' - now
         else base + coalesce(granted * gap_ms - $7, 0) * interval '1 millisecond' - now
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
