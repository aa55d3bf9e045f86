import type pg from 'pg';
import type { WebhookEvent } from '../lib/webhook-payload.ts';

/** A delivery that this process may now make, with all it takes to make it. */
export type ClaimedDelivery = WebhookEvent & {
  readonly accountId: string;
  readonly id: string;
  /** The fencing token: what is written later names it, and changes nothing once it is lost. */
  readonly lease: string;
  readonly endpointId: string;
  /** Of the mail; null where it is not traced. */
  readonly traceparent: string | null;
  readonly tries: number;
  readonly url: string;
  readonly secret: Buffer;
  /** Null where it signs no more. */
  readonly oldSecret: Buffer | null;
  readonly dataKey: Buffer;
  readonly dataKeyMaster: string;
};

/** Where the walk over the endpoints goes on. */
export type EndpointKey = { readonly accountId: string; readonly endpointId: string };

export type ClaimDeliveriesOptions = {
  readonly lease: string;
  readonly leaseMs: number;
  readonly limit: number;
  /** Deliveries under way at once to one endpoint from here; to a failing one, just one. */
  readonly perEndpoint: number;
  /** How many are under way already, by endpoint. */
  readonly underWay: ReadonlyMap<string, number>;
  readonly after: EndpointKey;
};

export type ClaimedDeliveries = {
  readonly claims: readonly ClaimedDelivery[];
  /** Null when the last endpoint was reached. */
  readonly next: EndpointKey | null;
};

/** Endpoints looked at in one claim: bounds its cost where thousands have deliveries waiting. */
const ENDPOINTS_PER_CLAIM = 128;

/**
 * Takes due deliveries, a few of each endpoint. One index probe an endpoint and one a delivery,
 * whatever waits: a backlog at one endpoint costs the others nothing.
 */
export async function claimDeliveries(
  pool: pg.Pool,
  options: ClaimDeliveriesOptions,
): Promise<ClaimedDeliveries> {
  const { lease, leaseMs, limit, perEndpoint, underWay, after } = options;
  const result = await pool.query<Row>({
    name: 'claim-webhook-deliveries',
    text: SQL,
    values: [
      ...[after.accountId, after.endpointId, perEndpoint, limit, lease, leaseMs],
      [...underWay.keys()],
      [...underWay.values()],
    ],
  });
  const claims: ClaimedDelivery[] = [];
  let next: EndpointKey | null = null;
  for (const { endpoints, lastAccountId, lastEndpointId, id, ...delivery } of result.rows) {
    const isMore = endpoints >= ENDPOINTS_PER_CLAIM;
    if (isMore) next = { accountId: lastAccountId, endpointId: lastEndpointId };
    if (id !== null) claims.push({ ...delivery, id, lease });
  }
  return { claims, next };
}

/** One a claimed delivery, or a single one without a delivery (`id` null, and the like of it). */
type Row = Omit<ClaimedDelivery, 'id' | 'lease'> & {
  readonly id: string | null;
  readonly endpoints: number;
  readonly lastAccountId: string;
  readonly lastEndpointId: string;
};

const SQL = `
with recursive endpoint(account_id, id, n) as (
  (select account_id, endpoint_id, 1 from webhook_deliveries
   where run_at is not null and (account_id, endpoint_id) > ($1::uuid, $2::uuid)
   order by account_id, endpoint_id limit 1)
  union all
  select d.account_id, d.endpoint_id, n + 1
  from endpoint
  cross join lateral (
    select account_id, endpoint_id from webhook_deliveries
    where run_at is not null and (account_id, endpoint_id) > (endpoint.account_id, endpoint.id)
    order by account_id, endpoint_id limit 1
  ) d
  where n < ${ENDPOINTS_PER_CLAIM}
),
last as (
  select account_id, id, n from endpoint order by n desc limit 1
),
found as materialized (
  select q.place, row_number() over (partition by endpoint.id order by q.run_at) as turn
  from endpoint
  join webhook_endpoints w
    on w.account_id = endpoint.account_id and w.id = endpoint.id and w.disabled_at is null
  left join unnest($7::uuid[], $8::int[]) as busy(endpoint_id, count)
    on busy.endpoint_id = endpoint.id
  cross join lateral (
    select ctid as place, d.run_at from webhook_deliveries d
    where d.account_id = endpoint.account_id and d.endpoint_id = endpoint.id and d.run_at <= now()
    order by d.run_at
    limit greatest(0, case when w.failing_since is null then $3::int else 1 end
                      - coalesce(busy.count, 0))
    for update skip locked
  ) q
),
-- With few places free, each endpoint gets one before any gets its second.
due as materialized (
  select place from found order by turn, random() limit $4
),
taken as (
  update webhook_deliveries d
  set lease = $5, run_at = now() + $6 * interval '1 millisecond'
  where d.ctid = any(array(select place from due)) and d.run_at <= now()
  returning d.*
)
select last.n as endpoints, last.account_id as "lastAccountId", last.id as "lastEndpointId",
       t.account_id as "accountId", t.id, t.endpoint_id as "endpointId", t.kind, t.type,
       t.email_id as "emailId", t.recipient, t.provider, t.data, e.metadata, e.traceparent,
       t.occurred_at as "occurredAt", t.tries, w.url, w.secret,
       case when w.old_secret_until > now() then w.old_secret end as "oldSecret",
       a.data_key as "dataKey", a.data_key_master as "dataKeyMaster"
from last
left join (
  taken t
  join webhook_endpoints w on w.account_id = t.account_id and w.id = t.endpoint_id
  join accounts a on a.id = t.account_id
  left join emails e on e.account_id = t.account_id and e.id = t.email_id
) on true`;
