import { createPublicKey, createVerify, type KeyObject } from 'node:crypto';
import type { WebhookRequest, WebhookVerdict } from '../webhooks.ts';

const SIGNATURE_HEADER = 'x-twilio-email-event-webhook-signature';
const TIMESTAMP_HEADER = 'x-twilio-email-event-webhook-timestamp';
const HINT = 'the verification key that SendGrid shows for the Event Webhook (MFkwEwYH…)';

/**
 * SendGrid repeats what was not answered for 24 hours and does not say whether it signs again, with
 * a new time, each time. So a request may be as old as that, and an hour for clocks and queues; one
 * that is played again in that time tells nothing new, as each event has an id of its own.
 */
const MAX_AGE_SECONDS = 25 * 60 * 60;
const MAX_AHEAD_SECONDS = 5 * 60;

/** Faults of a verification key: a P-256 public key, SPKI in base64. */
export function checkSecret(secret: string): string[] {
  return keyOf(secret) === null ? [`webhook_secret must be ${HINT}`] : [];
}

function keyOf(secret: string): KeyObject | null {
  if (!/^[A-Za-z0-9+/]{40,400}={0,2}$/.test(secret)) return null;
  try {
    const der = Buffer.from(secret, 'base64');
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : null;
  } catch {
    return null;
  }
}

/** ECDSA with SHA-256 over the time as it stands in the header and the body, byte by byte. */
export function verifySignature(
  { headers, body }: WebhookRequest,
  { secret, now }: { secret: string | null; now: Date },
): WebhookVerdict {
  const signature = headers[SIGNATURE_HEADER] ?? '';
  const timestamp = headers[TIMESTAMP_HEADER] ?? '';
  if (signature === '' || !/^\d{1,12}$/.test(timestamp)) {
    return forged(`The headers ${SIGNATURE_HEADER} and ${TIMESTAMP_HEADER} are needed`);
  }
  const key = secret === null ? null : keyOf(secret);
  if (key === null) return forged(`The connection has no webhook_secret: set ${HINT}`);
  const age = now.getTime() / 1000 - Number(timestamp);
  if (age > MAX_AGE_SECONDS || age < -MAX_AHEAD_SECONDS) {
    return forged(`${TIMESTAMP_HEADER} is more than 25 hours ago, or in the future`);
  }
  return isSigned(key, { signature, timestamp, body })
    ? { kind: 'genuine', replayKey: null }
    : forged(`${SIGNATURE_HEADER} does not fit the webhook_secret of the connection`);
}

function isSigned(
  key: KeyObject,
  { signature, timestamp, body }: { signature: string; timestamp: string; body: Buffer },
): boolean {
  try {
    const verifier = createVerify('sha256').update(timestamp).update(body);
    return verifier.verify({ key, dsaEncoding: 'der' }, signature, 'base64');
  } catch {
    return false;
  }
}

function forged(message: string): WebhookVerdict {
  return { kind: 'forged', message };
}
