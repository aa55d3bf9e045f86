import type { WebhookDelivery, WebhookEndpoint } from '@courierx/contract';
import type { Selectable } from 'kysely';
import type { WebhookDeliveriesTable, WebhookEndpointsTable } from '../../db/types.ts';

type EndpointRow = Omit<Selectable<WebhookEndpointsTable>, 'secret' | 'oldSecret'>;

export function toWire(row: EndpointRow, now: Date): WebhookEndpoint {
  const { oldSecretUntil } = row;
  const hasOldSecret = oldSecretUntil !== null && oldSecretUntil > now;
  return {
    id: row.id,
    url: row.url,
    description: row.description,
    events: row.events,
    enabled: row.disabledAt === null,
    disabled_reason: row.disabledReason,
    failing_since: row.failingSince?.toISOString() ?? null,
    old_secret_until: hasOldSecret ? oldSecretUntil.toISOString() : null,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

export function toDelivery(row: Selectable<WebhookDeliveriesTable>): WebhookDelivery {
  return {
    id: row.id,
    event: row.type,
    email_id: row.emailId,
    recipient: row.recipient,
    provider: row.provider,
    timestamp: row.occurredAt.toISOString(),
    status: row.status,
    attempt_count: row.attempts,
    // While a worker has it in hand, `runAt` is the end of its lease.
    next_attempt_at: row.lease === null ? (row.runAt?.toISOString() ?? null) : null,
    last_attempt_at: row.lastAttemptAt?.toISOString() ?? null,
    last_status_code: row.lastStatusCode,
    last_error: row.lastError,
    created_at: row.createdAt.toISOString(),
  };
}
