import { startPart, traceIdOf } from '../lib/tracer.ts';
import { applyEvents } from './apply-events.ts';
import type { EventsDeps } from './deps.ts';
import type { WebhookConnection } from './find-connection.ts';
import type { KnownEvent } from './ledger-event.ts';

/** Applies what was reported of one mail, as a part of that mail's trace. Returns how many were new. */
export async function applyTraced(
  { database, tracer, log }: Pick<EventsDeps, 'database' | 'tracer' | 'log'>,
  heard: WebhookConnection,
  report: { readonly emailId: string; readonly events: readonly KnownEvent[] },
): Promise<number> {
  const startedAt = new Date();
  const { applied, traceparent } = await applyEvents(database.pool, heard, report);
  const { accountId, id: connectionId } = heard.connection;
  const { emailId } = report;
  const { provider } = heard;
  const event = [...new Set(report.events.map(({ type }) => type))].join(',');
  const where = { accountId, emailId, connectionId, traceId: traceIdOf(traceparent) };
  log.debug({ ...where, provider, event, newEvents: applied }, 'provider event');
  startPart(tracer, {
    ...{ name: 'provider event', kind: 'consumer', parent: traceparent, startedAt },
    attributes: {
      'courierx.account_id': accountId,
      'courierx.email_id': emailId,
      'courierx.provider': provider,
      'courierx.connection_id': connectionId,
      'courierx.event': event,
      'courierx.new_events': applied,
    },
  })?.end();
  return applied;
}
