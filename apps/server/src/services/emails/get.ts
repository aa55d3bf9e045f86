import type { EmailAttempt, EmailDetail, EmailEvent } from '@courierx/contract';
import { sql, type Kysely, type Selectable } from 'kysely';
import { inOneMoment } from '../../db/in-one-moment.ts';
import type { AttemptsTable, EmailEventsTable, Tables } from '../../db/types.ts';
import { isId } from '../../lib/ids.ts';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { notFound } from '../service-error.ts';
import { selectEmailRows } from './rows.ts';
import { toWire } from './to-wire.ts';

/** One email with its content, its events in order and every attempt. */
export async function getEmail(
  deps: ServiceDeps,
  principal: Principal,
  id: string,
): Promise<EmailDetail> {
  requirePermission(principal, 'read');
  if (!isId(id)) throw notFound();
  const { accountId } = principal;
  // Its status and the attempt that led to it are told together.
  const { row, content, attachments, events, attempts } = await inOneMoment(
    deps.database.kysely,
    (moment) => readEmail(moment, accountId, id),
  );
  if (!row) throw notFound();
  return {
    ...toWire(row),
    message_id: row.messageId,
    reply_to: row.replyTo.map(({ address, name }) => ({ email: address, name })),
    html_body: content?.html ?? null,
    text_body: content?.text ?? null,
    headers: Object.fromEntries((content?.headers ?? []).map(({ name, value }) => [name, value])),
    attachments: attachments.map((file) => ({
      filename: file.filename,
      content_type: file.contentType,
      content_id: file.contentId,
      size: file.size,
    })),
    events: events.map(eventToWire),
    attempts: attempts.map(attemptToWire),
  };
}

async function readEmail(kysely: Kysely<Tables>, accountId: string, id: string) {
  return {
    row: await selectEmailRows(kysely, accountId).where('emails.id', '=', id).executeTakeFirst(),
    content: await kysely
      .selectFrom('emailContents')
      .selectAll()
      .where('accountId', '=', accountId)
      .where('emailId', '=', id)
      .executeTakeFirst(),
    attachments: await kysely
      .selectFrom('emailAttachments')
      .select(['filename', 'contentType', 'contentId', sql<number>`length(content)`.as('size')])
      .where('accountId', '=', accountId)
      .where('emailId', '=', id)
      .orderBy('position')
      .execute(),
    events: await kysely
      .selectFrom('emailEvents')
      .selectAll()
      .where('accountId', '=', accountId)
      .where('emailId', '=', id)
      .orderBy('occurredAt')
      .orderBy('id')
      .execute(),
    attempts: await kysely
      .selectFrom('attempts')
      .selectAll()
      .where('accountId', '=', accountId)
      .where('emailId', '=', id)
      .orderBy('number')
      .execute(),
  };
}

function eventToWire(event: Selectable<EmailEventsTable>): EmailEvent {
  return {
    id: event.id,
    event_type: event.type,
    occurred_at: event.occurredAt.toISOString(),
    recipient: event.recipient,
    provider: event.provider,
    provider_connection_id: event.connectionId,
    detail: event.detail,
    bounce_type: event.bounceType,
    url: event.url,
  };
}

function attemptToWire(attempt: Selectable<AttemptsTable>): EmailAttempt {
  return {
    number: attempt.number,
    provider: attempt.provider,
    provider_connection_id: attempt.connectionId,
    provider_connection_name: attempt.connectionName,
    outcome: attempt.outcome,
    scope: attempt.scope,
    reason: attempt.reason,
    detail: attempt.detail,
    status_code: attempt.statusCode,
    provider_message_id: attempt.providerMessageId,
    latency_ms: attempt.latencyMs,
    trace: attempt.trace,
    started_at: attempt.startedAt.toISOString(),
    finished_at: attempt.finishedAt?.toISOString() ?? null,
  };
}
