import type { EmailStatus } from '@courierx/contract';
import type pg from 'pg';
import { inTransaction } from '../db/in-transaction.ts';
import type { StoredRecipient } from '../db/types.ts';
import { newId } from '../lib/ids.ts';
import { hasLeft, statusAfter } from '../providers/status.ts';
import { insertSentEvents } from '../queue/insert-sent-events.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { KnownEvent, LedgerEvent } from './ledger-event.ts';
import { bounceTypeOf } from './policy/suppression.ts';
import { recordEvidence } from './record-evidence.ts';
import type { WebhookConnection } from './find-connection.ts';

type Heard = Pick<WebhookConnection, 'connection' | 'provider'>;

type Mail = {
  mode: string;
  traceparent: string | null;
  recipients: StoredRecipient[];
  statuses: EmailStatus[];
};

/** How many of the events were new, and the trace of their mail, where it has one. */
export type AppliedEvents = { readonly applied: number; readonly traceparent: string | null };

/**
 * Writes what was reported of one mail: ledger, statuses, what it proves of addresses, and what it
 * settles, all or nothing. Repeats change nothing.
 *
 * Only one mail's rows are locked, in the order in which sending locks them (queue, then state), so
 * that neither ever waits for the other in a circle.
 */
export function applyEvents(
  pool: pg.Pool,
  heard: Heard,
  report: { readonly emailId: string; readonly events: readonly KnownEvent[] },
): Promise<AppliedEvents> {
  return inTransaction(pool, (client) => applyIn(client, heard, report));
}

async function applyIn(
  client: pg.PoolClient,
  heard: Heard,
  { emailId, events }: { emailId: string; events: readonly KnownEvent[] },
): Promise<AppliedEvents> {
  const { accountId } = heard.connection;
  const mail = await lockMail(client, accountId, emailId);
  // It has been deleted meanwhile, with all that was known of it.
  if (!mail) return { applied: 0, traceparent: null };
  const { traceparent } = mail;
  const reported = events.flatMap((event) => toLedger(heard, mail, event));
  // That the mail was handed over stands in the ledger already, or is written when it is settled.
  const handedOver = reported.filter(({ event }) => event.type === 'sent');
  const told = reported.filter(({ event }) => event.type !== 'sent');
  const fresh = await insertLedger(client, { heard, emailId, reported: told });
  const changes = [...handedOver, ...fresh];
  if (changes.length === 0) return { applied: 0, traceparent };
  const settled = await settle(client, { heard, emailId, word: provesSending(changes) });
  const statuses = statusesAfter(mail, changes).map((status) =>
    // Every attempt is for all that are still open, so a mail that left did so for all of them.
    status === 'queued' && settled !== null ? 'sent' : status,
  );
  await client.query({
    name: 'update-state-from-events',
    text: UPDATE_STATE,
    values: [accountId, emailId, statuses, settled !== null],
  });
  if (settled !== null) {
    const left = mail.recipients.filter((_, position) => hasLeft(statuses[position]));
    const recipients = left.map(({ address }) => address);
    await insertSentEvents(client, { accountId, emailId, number: settled, recipients });
  }
  await client.query({ name: 'leave-queue', text: LEAVE_QUEUE, values: [accountId, emailId] });
  if (mail.mode === 'live') await recordEvidence(client, { heard, emailId, events: fresh });
  return { applied: fresh.length, traceparent };
}

/** The number of the attempt that is now known to have been accepted; null where there is none. */
async function settle(
  client: pg.PoolClient,
  input: { readonly heard: Heard; readonly emailId: string; readonly word: string | null },
): Promise<number | null> {
  const { heard, emailId, word } = input;
  if (word === null) return null;
  const { accountId, id: connectionId } = heard.connection;
  const { rows } = await client.query<{ number: number }>({
    name: 'settle-from-events',
    text: SETTLE,
    values: [accountId, emailId, connectionId, word],
  });
  return rows[0]?.number ?? null;
}

async function lockMail(
  client: pg.PoolClient,
  accountId: string,
  emailId: string,
): Promise<Mail | undefined> {
  const key = [accountId, emailId];
  await client.query({
    name: 'lock-queue-for-events',
    text: 'select 1 from queue where account_id = $1 and email_id = $2 for update',
    values: key,
  });
  const result = await client.query<Mail>({
    name: 'lock-mail-for-events',
    text: `select e.mode, e.traceparent, e.recipients, s.recipient_statuses as statuses
           from email_states s
           join emails e on e.account_id = s.account_id and e.id = s.email_id
           where s.account_id = $1 and s.email_id = $2
           for update of s`,
    values: key,
  });
  return result.rows[0];
}

/** One row a recipient; an event that names none is of all, one that names another is of nobody. */
function toLedger({ connection }: Heard, mail: Mail, event: KnownEvent): LedgerEvent[] {
  const address = event.recipient?.toLowerCase();
  const bounceType =
    event.type === 'bounced' ? (event.bounce ? bounceTypeOf(event.bounce) : 'soft') : null;
  return mail.recipients
    .filter((recipient) => address === undefined || recipient.address.toLowerCase() === address)
    .map((recipient) => ({
      id: newId(),
      fingerprint: fingerprintOf(connection.id, { ...event, recipient: recipient.address }),
      recipient: recipient.address,
      bounceType,
      event,
    }));
}

async function insertLedger(
  client: pg.PoolClient,
  input: {
    readonly heard: Heard;
    readonly emailId: string;
    readonly reported: readonly LedgerEvent[];
  },
): Promise<LedgerEvent[]> {
  const { heard, emailId, reported } = input;
  if (reported.length === 0) return [];
  const result = await client.query<{ id: string }>({
    name: 'insert-reported-events',
    text: INSERT_LEDGER,
    values: [
      heard.connection.accountId,
      emailId,
      heard.provider,
      heard.connection.id,
      reported.map(({ id }) => id),
      reported.map(({ event }) => event.type),
      reported.map(({ recipient }) => recipient),
      reported.map(({ event }) => event.detail),
      reported.map(({ event }) => event.occurredAt),
      reported.map(({ fingerprint }) => fingerprint),
      reported.map(({ event }) => event.word),
      reported.map(({ event }) => event.url),
      reported.map(({ bounceType }) => bounceType),
    ],
  });
  const inserted = new Set(result.rows.map(({ id }) => id));
  return reported.filter(({ id }) => inserted.has(id));
}

/**
 * A refusal by the provider ends a recipient only after the mail was handed over: while it is queued
 * here, another connection may still take it.
 */
function statusesAfter(mail: Mail, changes: readonly LedgerEvent[]): EmailStatus[] {
  return mail.recipients.map(({ address }, position) =>
    changes
      .filter(({ recipient }) => recipient === address)
      .reduce<EmailStatus>(
        (status, { event }) =>
          status === 'queued' && (event.type === 'failed' || event.type === 'suppressed')
            ? status
            : statusAfter(status, event.type),
        mail.statuses[position] ?? 'queued',
      ),
  );
}

/** The word that shows that the provider had taken the mail; null where none does. */
function provesSending(changes: readonly LedgerEvent[]): string | null {
  const proof = changes.find(({ event }) => event.type !== 'failed' && event.type !== 'suppressed');
  return proof?.event.word ?? null;
}

const INSERT_LEDGER = `
insert into email_events (account_id, email_id, provider, connection_id, id, type, recipient, detail,
                          occurred_at, fingerprint, word, url, bounce_type)
select $1, $2, $3, $4, i.id, i.type, i.recipient, i.detail, coalesce(i.occurred_at, now()),
       i.fingerprint, i.word, i.url, i.bounce_type
from unnest($5::uuid[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::text[],
            $11::text[], $12::text[], $13::text[])
  as i(id, type, recipient, detail, occurred_at, fingerprint, word, url, bounce_type)
on conflict (account_id, email_id, fingerprint) where fingerprint is not null do nothing
returning id`;

const UPDATE_STATE = `
update email_states
set recipient_statuses = $3::text[], status = email_status($3::text[]),
    sent_at = case when email_status($3::text[]) in ('sent', 'delivered', 'bounced')
                   then coalesce(sent_at, now()) else sent_at end,
    reason = case when $4 then null else reason end, updated_at = now()
where account_id = $1 and email_id = $2 and (recipient_statuses is distinct from $3::text[] or $4)`;

/** An attempt nobody knew the outcome of did leave: the first such one, unless another is known to have. */
const SETTLE = `
update attempts a
set outcome = 'accepted', scope = null, reason = null,
    detail = 'Settled by an event of the provider: ' || $4::text
where a.account_id = $1 and a.email_id = $2 and a.outcome = 'unknown'
  and a.number = (select min(u.number) from attempts u
                  where u.account_id = $1 and u.email_id = $2 and u.connection_id = $3
                    and u.outcome = 'unknown')
  and not exists (select 1 from attempts k
                  where k.account_id = $1 and k.email_id = $2 and k.connection_id = $3
                    and k.outcome = 'accepted')
returning a.number`;

/** A mail with nobody left to send to leaves; one that a worker holds is left to that worker. */
const LEAVE_QUEUE = `
delete from queue q
where q.account_id = $1 and q.email_id = $2 and q.lease is null
  and not exists (select 1 from email_states s
                  where s.account_id = $1 and s.email_id = $2
                    and 'queued' = any(s.recipient_statuses))`;
