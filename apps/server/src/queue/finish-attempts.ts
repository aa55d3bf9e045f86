import type pg from 'pg';
import type { EmailStatus, ProviderName } from '@courierx/contract';
import { newId } from '../lib/ids.ts';

/** What an attempt came to, as its row keeps it. */
export type AttemptResult = {
  readonly number: number;
  readonly outcome: 'accepted' | 'rejected' | 'failed' | 'unknown';
  readonly scope: 'message' | 'recipient' | 'connection' | 'provider' | null;
  readonly reason: string | null;
  readonly detail: string | null;
  readonly statusCode: number | null;
  readonly providerMessageId: string | null;
  readonly latencyMs: number | null;
};

/** What happens to the email's place in the queue. */
export type NextStep =
  /** Sending is over: the place is given up. */
  | { readonly kind: 'done' }
  /** The lease is kept for another attempt at once. */
  | { readonly kind: 'keep' }
  /** The lease is given back; the email is due again after the wait. */
  | { readonly kind: 'wait'; readonly delayMs: number; readonly rounds: number };

export type NewEvent = {
  /** Made once: the same step, written again after its answer was lost, adds the event once. */
  readonly id: string;
  readonly type: string;
  readonly recipient: string | null;
  readonly provider: ProviderName | null;
  readonly connectionId: string | null;
  readonly detail: string | null;
  /** Null: now, by the database's clock. */
  readonly occurredAt: Date | null;
};

/** All that one step of an email changes; written together or not at all. */
export type Finish = {
  readonly accountId: string;
  readonly emailId: string;
  readonly lease: string;
  readonly attempt: AttemptResult | null;
  readonly next: NextStep;
  /** By position of the recipient; null leaves that recipient as it is. */
  readonly statusChanges: readonly (EmailStatus | null)[];
  readonly stateReason: string | null;
  readonly events: readonly NewEvent[];
  /** What the provider told with its answer: kept for the events pipeline, see `waiting_events`. */
  readonly reports: {
    readonly connectionId: string;
    readonly events: readonly { readonly providerEventId: string | null }[];
  } | null;
};

/**
 * Ends steps of many emails in one statement. Returns, for each, whether the lease was still held;
 * without it nothing was changed, since another worker answers for that email now.
 */
export async function finishAttempts(
  pool: pg.Pool,
  finishes: readonly Finish[],
): Promise<boolean[]> {
  const result = await pool.query<{ email_id: string }>({
    name: 'finish-attempts',
    text: SQL,
    values: [
      ...stepColumns(finishes),
      ...attemptColumns(finishes),
      ...eventColumns(finishes),
      ...reportColumns(finishes),
    ],
  });
  const held = new Set(result.rows.map((row) => row.email_id));
  return finishes.map((finish) => held.has(finish.emailId));
}

const SQL = `
with input as (
  select *
  from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::float8[], $6::int[], $7::text[],
              $8::text[], $9::int[], $10::text[], $11::text[], $12::text[], $13::text[], $14::int[],
              $15::text[], $16::int[])
    as t(account_id, email_id, lease, step, delay_ms, rounds, changes, state_reason, number, outcome,
         scope, reason, detail, status_code, provider_message_id, latency_ms)
),
done as (
  delete from queue q using input i
  where i.step = 'done'
    and q.account_id = i.account_id and q.email_id = i.email_id and q.lease = i.lease
  returning q.account_id, q.email_id
),
waiting as (
  update queue q
  set lease = null, rounds = i.rounds,
      run_at = least(now() + i.delay_ms * interval '1 millisecond', greatest(q.deadline, now()))
  from input i
  where i.step = 'wait'
    and q.account_id = i.account_id and q.email_id = i.email_id and q.lease = i.lease
  returning q.account_id, q.email_id
),
kept as (
  select q.account_id, q.email_id
  from queue q
  join input i on i.account_id = q.account_id and i.email_id = q.email_id and i.lease = q.lease
  where i.step = 'keep'
  for update of q
),
held as (
  select * from done union all select * from waiting union all select * from kept
),
mine as (
  select i.* from input i join held h on h.account_id = i.account_id and h.email_id = i.email_id
),
finish_attempts as (
  update attempts a
  set outcome = m.outcome, scope = m.scope, reason = m.reason, detail = m.detail,
      status_code = m.status_code, provider_message_id = m.provider_message_id,
      latency_ms = coalesce(m.latency_ms, a.latency_ms), finished_at = now()
  from mine m
  where m.number is not null
    and a.account_id = m.account_id and a.email_id = m.email_id and a.number = m.number
  returning a.account_id, a.email_id, a.connection_id, a.provider_message_id
),
wake_events_of_email as (
  update waiting_events w set run_at = now()
  from finish_attempts f
  where w.account_id = f.account_id and w.email_id = f.email_id and w.connection_id = f.connection_id
),
wake_events_of_message as (
  update waiting_events w set run_at = now()
  from finish_attempts f
  where w.account_id = f.account_id and w.connection_id = f.connection_id
    and w.provider_message_id = f.provider_message_id and w.email_id is null
),
-- Merged with what the row holds when it is locked: an event may have moved it since this began.
update_states as (
  update email_states s
  set (recipient_statuses, status) = (
        select statuses, email_status(statuses)
        from (select array(
                select case when email_status_rank(change) > email_status_rank(old) then change
                            else old end
                from unnest(s.recipient_statuses, m.changes::text[]) with ordinality
                  as t(old, change, position)
                order by position) as statuses) merged),
      reason = m.state_reason,
      sent_at = case when m.outcome = 'accepted' then coalesce(s.sent_at, now()) else s.sent_at end,
      updated_at = now()
  from mine m
  where s.account_id = m.account_id and s.email_id = m.email_id
),
insert_events as (
  insert into email_events (account_id, email_id, id, type, recipient, provider, connection_id, detail,
                            occurred_at)
  select h.account_id, h.email_id, e.id, e.type, e.recipient, e.provider, e.connection_id, e.detail,
         coalesce(e.occurred_at, now())
  from unnest($17::uuid[], $18::uuid[], $19::text[], $20::text[], $21::text[], $22::uuid[],
              $23::text[], $24::timestamptz[])
    as e(email_id, id, type, recipient, provider, connection_id, detail, occurred_at)
  join held h on h.email_id = e.email_id
  on conflict (account_id, email_id, id) do nothing
),
insert_reports as (
  insert into waiting_events (account_id, id, connection_id, fingerprint, event)
  select h.account_id, r.id, r.connection_id, r.fingerprint, r.event
  from unnest($25::uuid[], $26::uuid[], $27::uuid[], $28::text[], $29::jsonb[])
    as r(email_id, id, connection_id, fingerprint, event)
  join held h on h.email_id = r.email_id
  on conflict (account_id, connection_id, fingerprint) do nothing
)
select email_id from held`;

function stepColumns(finishes: readonly Finish[]): unknown[] {
  return [
    finishes.map((finish) => finish.accountId),
    finishes.map((finish) => finish.emailId),
    finishes.map((finish) => finish.lease),
    finishes.map((finish) => finish.next.kind),
    finishes.map((finish) => (finish.next.kind === 'wait' ? finish.next.delayMs : null)),
    finishes.map((finish) => (finish.next.kind === 'wait' ? finish.next.rounds : null)),
    // The statuses are our own words, so the array's text form needs no quoting.
    finishes.map((finish) => `{${finish.statusChanges.map((s) => s ?? 'NULL').join(',')}}`),
    finishes.map((finish) => finish.stateReason),
  ];
}

function attemptColumns(finishes: readonly Finish[]): unknown[] {
  return [
    finishes.map(({ attempt }) => attempt?.number ?? null),
    finishes.map(({ attempt }) => attempt?.outcome ?? null),
    finishes.map(({ attempt }) => attempt?.scope ?? null),
    finishes.map(({ attempt }) => attempt?.reason ?? null),
    finishes.map(({ attempt }) => attempt?.detail ?? null),
    finishes.map(({ attempt }) => attempt?.statusCode ?? null),
    finishes.map(({ attempt }) => attempt?.providerMessageId ?? null),
    finishes.map(({ attempt }) => attempt?.latencyMs ?? null),
  ];
}

function eventColumns(finishes: readonly Finish[]): unknown[] {
  const rows = finishes.flatMap(({ emailId, events }) =>
    events.map((event) => ({ ...event, emailId })),
  );
  return [
    rows.map((row) => row.emailId),
    rows.map((row) => row.id),
    rows.map((row) => row.type),
    rows.map((row) => row.recipient),
    rows.map((row) => row.provider),
    rows.map((row) => row.connectionId),
    rows.map((row) => row.detail),
    rows.map((row) => row.occurredAt),
  ];
}

function reportColumns(finishes: readonly Finish[]): unknown[] {
  const rows = finishes.flatMap(({ emailId, reports }) =>
    (reports?.events ?? []).map((event, index) => ({
      emailId,
      connectionId: reports?.connectionId,
      fingerprint: event.providerEventId ?? `${emailId}:${index}`,
      event: JSON.stringify(event),
    })),
  );
  return [
    rows.map((row) => row.emailId),
    rows.map(() => newId()),
    rows.map((row) => row.connectionId),
    rows.map((row) => row.fingerprint),
    rows.map((row) => row.event),
  ];
}
