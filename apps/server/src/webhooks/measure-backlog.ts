import type pg from 'pg';

/** Deliveries to customers' endpoints that are due and not under way. */
export type WebhookBacklog = {
  readonly due: number;
  /** How late the most overdue one is, of those to endpoints that answer. */
  readonly oldestSeconds: number;
};

/** Counting ends here. */
const MOST = 10_000;
const MOST_ENDPOINTS = 5_000;

/**
 * Counts up to 10,000 in the index, endpoint by endpoint: what waits for a later try is not looked
 * at. An endpoint that fails gets one try at a time, so what is due there is late by its own doing
 * and counts for no age.
 */
export async function measureBacklog(client: Pick<pg.Pool, 'query'>): Promise<WebhookBacklog> {
  const result = await client.query<WebhookBacklog>(SQL, [MOST]);
  const [row] = result.rows;
  if (!row) throw new Error('an aggregate without a row');
  return row;
}

const SQL = `
with recursive endpoint(account_id, id, n) as (
  (select account_id, endpoint_id, 1 from webhook_deliveries
   where run_at is not null order by account_id, endpoint_id limit 1)
  union all
  select d.account_id, d.endpoint_id, n + 1
  from endpoint
  cross join lateral (
    select account_id, endpoint_id from webhook_deliveries
    where run_at is not null and (account_id, endpoint_id) > (endpoint.account_id, endpoint.id)
    order by account_id, endpoint_id limit 1
  ) d
  where n < ${MOST_ENDPOINTS}
),
enabled as (
  select w.account_id, w.id, w.failing_since
  from endpoint
  join webhook_endpoints w
    on w.account_id = endpoint.account_id and w.id = endpoint.id and w.disabled_at is null
),
due as (
  select count(*)::int as count
  from (select from enabled e
        cross join lateral (
          select from webhook_deliveries d
          where d.account_id = e.account_id and d.endpoint_id = e.id and d.run_at <= now() limit $1
        ) d
        limit $1) counted
),
oldest as (
  select min(first.run_at) as run_at
  from enabled e
  cross join lateral (
    select run_at from webhook_deliveries d
    where d.account_id = e.account_id and d.endpoint_id = e.id and d.run_at <= now()
    order by d.run_at limit 1
  ) first
  where e.failing_since is null
)
select due.count as due,
       coalesce(extract(epoch from now() - oldest.run_at), 0)::float8 as "oldestSeconds"
from due cross join oldest`;
