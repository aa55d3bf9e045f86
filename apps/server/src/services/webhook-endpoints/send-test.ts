import {
  WEBHOOK_ACCOUNT_EVENTS,
  type TestWebhookRequest,
  type WebhookDelivery,
} from '@courierx/contract';
import { sql } from 'kysely';
import { newId } from '../../lib/ids.ts';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { findEnabledEndpoint } from './rows.ts';
import { toDelivery } from './to-wire.ts';

const ACCOUNT_EVENTS: ReadonlySet<string> = new Set(WEBHOOK_ACCOUNT_EVENTS);

/** Sends an event that did not happen, marked as such; signed and logged like any other. */
export async function testWebhookEndpoint(
  deps: ServiceDeps,
  principal: Principal,
  { id, body }: { id: string; body: TestWebhookRequest },
): Promise<WebhookDelivery> {
  requirePermission(principal, 'write');
  const { event = 'delivered' } = body;
  const { accountId } = principal;
  return deps.database.kysely.transaction().execute(async (transaction) => {
    await findEnabledEndpoint(transaction, accountId, id);
    const row = await transaction
      .insertInto('webhookDeliveries')
      .values({
        ...{ accountId, id: newId(), endpointId: id, kind: 'test', eventId: newId(), type: event },
        ...{ emailId: null, recipient: null, provider: null, lease: null, lastStatusCode: null },
        ...{ lastError: null, occurredAt: deps.now(), runAt: sql<Date>`now()` },
        data: JSON.stringify(sampleOf(event, deps.now())),
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    await sql`select pg_notify('courierx_webhooks', '')`.execute(transaction);
    return toDelivery(row);
  });
}

function sampleOf(event: string, now: Date): Record<string, unknown> {
  const timestamp = now.toISOString();
  if (ACCOUNT_EVENTS.has(event)) return { timestamp, data: { test: true } };
  return {
    email_id: newId(),
    recipient: 'user@example.com',
    provider: 'sandbox',
    timestamp,
    metadata: { test: true },
  };
}
