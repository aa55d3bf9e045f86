import { createHmac, timingSafeEqual } from 'node:crypto';
import type { WebhookRequest, WebhookVerdict } from '../webhooks.ts';

const TOLERANCE_SECONDS = 300;
const SECRET = /^whsec_([A-Za-z0-9+/]+={0,2})$/;

/** Faults of a signing secret: `whsec_` and at least 16 bytes in base64. */
export function checkSecret(secret: string): string[] {
  return keyOf(secret) === null
    ? ['webhook_secret must be the signing secret that Resend shows for the webhook (whsec_…)']
    : [];
}

function keyOf(secret: string): Buffer | null {
  const key = Buffer.from(SECRET.exec(secret)?.[1] ?? '', 'base64');
  return key.length >= 16 ? key : null;
}

/** Svix signatures, which are Standard Webhooks under other header names. */
export function verifySignature(
  { headers, body }: WebhookRequest,
  { secret, now }: { secret: string | null; now: Date },
): WebhookVerdict {
  const [id, timestamp, signatures] = ['id', 'timestamp', 'signature'].map(
    (name) => headers[`svix-${name}`] ?? headers[`webhook-${name}`] ?? '',
  ) as [string, string, string];
  if (id === '' || signatures === '' || !/^\d{1,12}$/.test(timestamp)) {
    return forged('The headers svix-id, svix-timestamp and svix-signature are needed');
  }
  const key = secret === null ? null : keyOf(secret);
  if (key === null) {
    return forged('The connection has no webhook_secret: set the one that Resend shows (whsec_…)');
  }
  if (Math.abs(now.getTime() / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) {
    return forged('svix-timestamp is more than five minutes away from the time here');
  }
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
  // Several while a secret is being changed; other versions than v1 are none of ours.
  const isSigned = signatures.split(' ').some((signature) => {
    const [version, value = ''] = signature.split(',');
    const given = Buffer.from(value, 'base64');
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
  });
  return isSigned
    ? { kind: 'genuine', replayKey: id }
    : forged('No signature in svix-signature fits the webhook_secret of the connection');
}

function forged(message: string): WebhookVerdict {
  return { kind: 'forged', message };
}
