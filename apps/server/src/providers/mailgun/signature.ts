import { createHmac, timingSafeEqual } from 'node:crypto';
import { isRecord, parseJson } from '../json.ts';
import type { WebhookRequest, WebhookVerdict } from '../webhooks.ts';

/** Mailgun repeats for about eight hours, and it is not known whether it signs anew. */
const MAX_AGE_SECONDS = 12 * 60 * 60;
const MAX_AHEAD_SECONDS = 15 * 60;

/** Faults of an HTTP webhook signing key. */
export function checkSecret(secret: string): string[] {
  return /^[!-~]{16,256}$/.test(secret)
    ? []
    : ['webhook_secret must be the HTTP webhook signing key that Mailgun shows under API Security'];
}

/**
 * HMAC-SHA256 over timestamp and token. The events themselves are not covered, so a token must be
 * good for one body only: it is the replay key.
 */
export function verifySignature(
  { body }: WebhookRequest,
  { secret, now }: { secret: string | null; now: Date },
): WebhookVerdict {
  const parsed = parseJson(body.toString('utf8'));
  if (!isRecord(parsed) || !isRecord(parsed['signature']) || !isRecord(parsed['event-data'])) {
    return { kind: 'malformed', message: 'The body is not an event as Mailgun sends it' };
  }
  const { timestamp, token, signature } = parsed['signature'];
  if (
    typeof timestamp !== 'string' ||
    !/^\d{1,12}$/.test(timestamp) ||
    typeof token !== 'string' ||
    !/^[!-~]{1,200}$/.test(token) ||
    typeof signature !== 'string' ||
    !/^[0-9a-f]{64}$/i.test(signature)
  ) {
    return { kind: 'malformed', message: 'The signature has no timestamp, token or signature' };
  }
  if (secret === null || secret === '') {
    return forged("The connection has no webhook_secret: set Mailgun's HTTP webhook signing key");
  }
  const expected = createHmac('sha256', secret).update(`${timestamp}${token}`).digest();
  if (!timingSafeEqual(expected, Buffer.from(signature, 'hex'))) {
    return forged('The signature does not fit the webhook_secret of the connection');
  }
  const age = now.getTime() / 1000 - Number(timestamp);
  return age > MAX_AGE_SECONDS || age < -MAX_AHEAD_SECONDS
    ? forged('The timestamp of the signature is too far from the time here')
    : { kind: 'genuine', replayKey: token };
}

function forged(message: string): WebhookVerdict {
  return { kind: 'forged', message };
}
