import { RECENT_ATTEMPTS, type ConnectionUsage } from '@courierx/contract';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';

type Row = {
  readonly id: string;
  readonly attempts: number;
  readonly accepted: number;
  readonly share: number;
  readonly median: number | null;
  readonly p95: number | null;
  readonly usedToday: number | null;
  readonly usedThisMonth: number | null;
};

/** In the order they are tried. Costs the same however much mail there is. */
export async function listConnectionUsage(
  { database, now }: ServiceDeps,
  principal: Principal,
): Promise<ConnectionUsage[]> {
  requirePermission(principal, 'read');
  const { rows } = await database.pool.query<Row>({
    name: 'list-connection-usage',
    text: SQL,
    values: [principal.accountId, now()],
  });
  return rows.map(({ median, p95, ...row }) => ({
    connection_id: row.id,
    attempts: row.attempts,
    accepted: row.accepted,
    share: row.share,
    latency_ms:
      median === null || p95 === null ? null : { median: Math.round(median), p95: Math.round(p95) },
    used_today: row.usedToday,
    used_this_month: row.usedThisMonth,
  }));
}

/** The newest attempts are read backwards from the primary key; caps are counted by the pacer. */
const SQL = `
with recent as materialized (
  select connection_id, outcome = 'accepted' as is_accepted, latency_ms
  from attempts
  where account_id = $1
  order by email_id desc, number desc
  limit ${RECENT_ATTEMPTS}
),
used as (
  select connection_id, count(*)::int as attempts,
         (count(*) filter (where is_accepted))::int as accepted,
         percentile_cont(0.5) within group (order by latency_ms) filter (where is_accepted) as median,
         percentile_cont(0.95) within group (order by latency_ms) filter (where is_accepted) as p95
  from recent
  group by connection_id
),
clock as (
  select ($2::timestamptz at time zone 'UTC')::date as today
)
select c.id, coalesce(u.attempts, 0) as attempts, coalesce(u.accepted, 0) as accepted,
       coalesce(round(u.accepted::numeric
         / nullif((select sum(accepted) from used), 0), 4), 0)::float8 as share,
       u.median, u.p95,
       case when c.max_per_day is not null then
         case when p.day = clock.today then p.day_count else 0 end end as "usedToday",
       case when c.max_per_month is not null then
         case when p.month = date_trunc('month', clock.today) then p.month_count else 0 end
       end as "usedThisMonth"
from connections c
cross join clock
left join used u on u.connection_id = c.id
left join connection_paces p on p.account_id = c.account_id and p.connection_id = c.id
where c.account_id = $1
order by c.priority, c.created_at, c.id`;
