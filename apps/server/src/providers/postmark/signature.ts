import { timingSafeEqual } from 'node:crypto';
import { sha256 } from '../../lib/crypto.ts';
import { isRecord, parseJson } from '../json.ts';
import type { WebhookRequest, WebhookVerdict } from '../webhooks.ts';

export const USER = 'courierx';
/** For those whose proxy takes `Authorization` for itself. */
export const SECRET_HEADER = 'x-courierx-hook';

/** Faults of the password that Postmark is to send. */
export function checkSecret(secret: string): string[] {
  return /^[!-~]{16,200}$/.test(secret)
    ? []
    : ['webhook_secret must be 16 to 200 letters, digits or signs of ASCII, without spaces'];
}

/** Postmark signs nothing: it sends the password of HTTP Basic auth, or a header with it. */
export function verifyCredentials(
  { headers, body }: WebhookRequest,
  { secret }: { secret: string | null },
): WebhookVerdict {
  if (secret === null || secret === '') {
    return forged('The connection has no webhook_secret: set the password that Postmark sends');
  }
  const { authorization = '', [SECRET_HEADER]: header = '' } = headers;
  if (authorization === '' && header === '') {
    return forged(
      `HTTP Basic auth with the user ${USER}, or the header ${SECRET_HEADER}, is needed`,
    );
  }
  const login = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization)?.[1] ?? '';
  const isLogin = isSame(Buffer.from(login, 'base64'), Buffer.from(`${USER}:${secret}`));
  const isHeader = isSame(Buffer.from(header), Buffer.from(secret));
  if (!isLogin && !isHeader) {
    return forged('The password does not fit the webhook_secret of the connection');
  }
  const text = body.toString('utf8').trim();
  // Postmark tries a URL out before it saves it, and what it sends then is not told.
  return text === '' || isRecord(parseJson(text))
    ? { kind: 'genuine', replayKey: null }
    : { kind: 'malformed', message: 'The body is not a JSON object' };
}

/** In constant time, whatever their lengths. */
function isSame(given: Buffer, expected: Buffer): boolean {
  return timingSafeEqual(sha256(given), sha256(expected));
}

function forged(message: string): WebhookVerdict {
  return { kind: 'forged', message };
}
