import { startPart } from '../lib/tracer.ts';
import { applyEvents } from './apply-events.ts';
import type { EventsDeps } from './deps.ts';
import type { WebhookConnection } from './find-connection.ts';
import type { KnownEvent } from './ledger-event.ts';

/** Applies what was reported of one mail, as a part of that mail's trace. Returns how many were new. */
export async function applyTraced(
  { database, tracer }: Pick<EventsDeps, 'database' | 'tracer'>,
  heard: WebhookConnection,
  report: { readonly emailId: string; readonly events: readonly KnownEvent[] },
): Promise<number> {
  const startedAt = new Date();
  const { applied, traceparent } = await applyEvents(database.pool, heard, report);
  startPart(tracer, {
    ...{ name: 'provider event', kind: 'consumer', parent: traceparent, startedAt },
    attributes: {
      'courierx.account_id': heard.connection.accountId,
      'courierx.email_id': report.emailId,
      'courierx.provider': heard.provider,
      'courierx.connection_id': heard.connection.id,
      'courierx.event': [...new Set(report.events.map(({ type }) => type))].join(','),
      'courierx.new_events': applied,
    },
  })?.end();
  return applied;
}
