import type pg from 'pg';
import { inTransaction } from '../db/in-transaction.ts';
import { insertAccountEvents } from '../queue/insert-account-events.ts';
import type { ClaimedDelivery } from './claim-deliveries.ts';
import type { Verdict } from './policy/retry.ts';

/** What came of one try, as its row keeps it. */
export type TryResult = {
  readonly statusCode: number | null;
  readonly answer: string | null;
  readonly error: string | null;
  readonly latencyMs: number;
};

export type FinishedTry = {
  readonly delivery: ClaimedDelivery;
  readonly result: TryResult;
  readonly verdict: Verdict;
  readonly disableAfterMs: number;
};

/**
 * Writes down a try and what follows from it: together or not at all. Without the lease nothing is
 * changed, since another worker answers for that delivery now.
 */
export async function finishDelivery(pool: pg.Pool, finished: FinishedTry): Promise<void> {
  if (finished.verdict.kind !== 'failed') return record(pool, finished);
  await inTransaction(pool, async (client) => {
    await record(client, finished);
    await disableDeadEndpoint(client, finished);
  });
}

async function record(client: pg.Pool | pg.ClientBase, finished: FinishedTry): Promise<void> {
  const { delivery, result, verdict } = finished;
  await client.query({
    name: 'finish-webhook-delivery',
    text: RECORD_SQL,
    values: [
      ...[delivery.accountId, delivery.id, delivery.lease, delivery.endpointId],
      verdict.kind === 'retry' ? 'pending' : verdict.kind,
      verdict.kind === 'retry' ? verdict.delayMs : null,
      ...[result.statusCode, result.answer, result.error, Math.round(result.latencyMs)],
    ],
  });
}

const RECORD_SQL = `
with finished as (
  update webhook_deliveries d
  set status = $5, lease = null, tries = tries + 1, attempts = attempts + 1,
      last_status_code = $7, last_error = $9, last_attempt_at = now(),
      run_at = case when $6::float8 is not null and exists (
                      select from webhook_endpoints w
                      where w.account_id = $1 and w.id = $4 and w.disabled_at is null)
                    then now() + $6::float8 * interval '1 millisecond' end
  where account_id = $1 and id = $2 and lease = $3
  returning attempts
),
attempt as (
  insert into webhook_delivery_attempts
    (account_id, delivery_id, number, status_code, answer, error, latency_ms)
  select $1, $2, attempts, $7, $8, $9, $10 from finished
)
update webhook_endpoints
set failing_since = case when $5 = 'succeeded' then null else now() end
where account_id = $1 and id = $4 and exists (select from finished)
  and (failing_since is null) = ($5 <> 'succeeded')`;

async function disableDeadEndpoint(
  client: pg.ClientBase,
  { delivery, verdict, disableAfterMs }: FinishedTry,
): Promise<void> {
  const { accountId, endpointId } = delivery;
  const isGone = verdict.kind === 'failed' && verdict.isGone;
  const reason = isGone ? 'gone' : 'failing';
  const disabled = await client.query(
    `update webhook_endpoints set disabled_at = now(), disabled_reason = $3, updated_at = now()
     where account_id = $1 and id = $2 and disabled_at is null
       and ($3 = 'gone' or failing_since <= now() - $4::float8 * interval '1 millisecond')`,
    [accountId, endpointId, reason, disableAfterMs],
  );
  if (disabled.rowCount === 0) return;
  await client.query(
    `update webhook_deliveries set run_at = null
     where account_id = $1 and endpoint_id = $2 and run_at is not null and lease is null`,
    [accountId, endpointId],
  );
  const data = { webhook_endpoint_id: endpointId, url: delivery.url, reason };
  await insertAccountEvents(client, [{ accountId, type: 'webhook_endpoint.disabled', data }]);
}
