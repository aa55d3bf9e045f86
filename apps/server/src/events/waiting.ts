import type pg from 'pg';
import { newId } from '../lib/ids.ts';
import type { ReportedEvent } from '../providers/webhooks.ts';
import { fingerprintOf } from './fingerprint.ts';

/** An event whose mail was not found when it came. */
export type WaitingEvent = {
  readonly accountId: string;
  readonly id: string;
  readonly connectionId: string;
  readonly event: ReportedEvent;
  readonly tries: number;
  readonly ageSeconds: number;
};

type Connection = { readonly accountId: string; readonly id: string };

/** Keeps events until their mail is there; the same report twice is one. */
export async function keepWaiting(
  pool: pg.Pool,
  connection: Connection,
  events: readonly ReportedEvent[],
): Promise<void> {
  if (events.length === 0) return;
  await pool.query({
    name: 'keep-waiting-events',
    text: `insert into waiting_events (account_id, id, connection_id, fingerprint, event, email_id,
                                       provider_message_id, run_at)
           select $1, i.id, $2, i.fingerprint, i.event, i.email_id, i.provider_message_id,
                  now() + interval '1 second'
           from unnest($3::uuid[], $4::text[], $5::jsonb[], $6::uuid[], $7::text[])
             as i(id, fingerprint, event, email_id, provider_message_id)
           on conflict (account_id, connection_id, fingerprint) do nothing`,
    values: [
      connection.accountId,
      connection.id,
      events.map(() => newId()),
      events.map((event) => fingerprintOf(connection.id, event)),
      events.map((event) => JSON.stringify(event)),
      events.map(({ emailId }) => emailId),
      events.map(({ providerMessageId }) => providerMessageId),
    ],
  });
}

/** Takes those that are due. Whoever dies over them leaves them to be taken again. */
export async function claimWaiting(pool: pg.Pool, limit: number): Promise<WaitingEvent[]> {
  const result = await pool.query<WaitingEvent>({
    name: 'claim-waiting-events',
    text: `update waiting_events w
           set tries = tries + 1,
               run_at = now() + least(3600, 2 ^ least(tries, 12)) * interval '1 second'
           where (w.account_id, w.id) in (
             select account_id, id from waiting_events
             where run_at <= now() order by run_at limit $1 for update skip locked)
           returning account_id as "accountId", id, connection_id as "connectionId", event, tries,
                     extract(epoch from now() - received_at)::float8 as "ageSeconds"`,
    values: [limit],
  });
  return result.rows.map((row) => ({ ...row, event: revive(row.event) }));
}

function revive(event: ReportedEvent): ReportedEvent {
  const { occurredAt } = event as { occurredAt: string | null };
  return { ...event, occurredAt: occurredAt === null ? null : new Date(occurredAt) };
}

export async function deleteWaiting(
  pool: pg.Pool,
  event: Pick<WaitingEvent, 'accountId' | 'id'>,
): Promise<void> {
  await pool.query({
    name: 'delete-waiting-event',
    text: 'delete from waiting_events where account_id = $1 and id = $2',
    values: [event.accountId, event.id],
  });
}
