import type { ClaimedDelivery } from './claim-deliveries.ts';

/** The JSON an endpoint gets: flat for an email's event, `data` for an account's. */
export function toPayload(delivery: ClaimedDelivery): string {
  const { kind, type, emailId, recipient, provider, data, occurredAt, metadata } = delivery;
  const timestamp = occurredAt.toISOString();
  if (kind === 'account') return JSON.stringify({ event: type, timestamp, data });
  if (kind === 'test') return JSON.stringify({ event: type, ...data });
  return JSON.stringify({
    event: type,
    email_id: emailId,
    recipient,
    provider,
    timestamp,
    // Null where the email itself was deleted since.
    metadata: metadata ?? {},
  });
}
