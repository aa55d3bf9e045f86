/** What a webhook tells of. */
export type WebhookEvent = {
  readonly kind: 'email' | 'account' | 'test';
  readonly type: string;
  readonly emailId: string | null;
  readonly recipient: string | null;
  readonly provider: string | null;
  readonly data: Readonly<Record<string, unknown>> | null;
  /** Of the email; null where it was deleted since. */
  readonly metadata: Readonly<Record<string, unknown>> | null;
  readonly occurredAt: Date;
};

/** What every webhook has, besides its id, its time and its signature. */
export const WEBHOOK_HEADERS = {
  'content-type': 'application/json',
  'user-agent': 'CourierX',
} as const;

/** The JSON an endpoint gets: flat for an email's event, `data` for an account's. */
export function toPayload(event: WebhookEvent): string {
  const { kind, type, emailId, recipient, provider, data, occurredAt, metadata } = event;
  const timestamp = occurredAt.toISOString();
  if (kind === 'account') return JSON.stringify({ event: type, timestamp, data });
  if (kind === 'test') return JSON.stringify({ event: type, ...data });
  return JSON.stringify({
    event: type,
    email_id: emailId,
    recipient,
    provider,
    timestamp,
    metadata: metadata ?? {},
  });
}
