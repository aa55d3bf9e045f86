import { createHmac, randomBytes } from 'node:crypto';
import type { WebhookRequest } from '../../src/providers/webhooks.ts';

export const SIGNING_KEY = 'key-test-signing-0001';

export type EventFields = {
  readonly event: string;
  readonly recipient: string;
  readonly emailId?: string;
  readonly messageId?: string;
} & Readonly<Record<string, unknown>>;

let next = 0;

/** One event as Mailgun would report it; the same object sent twice is the same event. */
export function mailgunEvent({ emailId, messageId, ...fields }: EventFields) {
  next += 1;
  return {
    id: `event-${next}`,
    timestamp: Date.now() / 1000,
    ...(emailId !== undefined && { 'user-variables': { cx_email_id: emailId } }),
    ...(messageId !== undefined && { message: { headers: { 'message-id': messageId } } }),
    ...fields,
  };
}

/** The request that tells an event: each one signed anew, as repeats of it are. */
export function mailgunRequest(
  event: object,
  over: { key?: string; token?: string; timestamp?: number } = {},
): WebhookRequest {
  const token = over.token ?? randomBytes(16).toString('hex');
  const timestamp = String(over.timestamp ?? Math.floor(Date.now() / 1000));
  const signature = createHmac('sha256', over.key ?? SIGNING_KEY)
    .update(`${timestamp}${token}`)
    .digest('hex');
  const body = { signature: { timestamp, token, signature }, 'event-data': event };
  return {
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(body)),
  };
}
