import { WebhookVerificationError } from './errors.ts';
import { fromBase64 } from './internal/base64.ts';
import { fromWire } from './internal/case.ts';
import { platformCrypto } from './internal/platform-crypto.ts';

/** What happens to one recipient's copy of an email. */
export type WebhookEmailEventName =
  | 'sent'
  | 'delivered'
  | 'deferred'
  | 'bounced'
  | 'complained'
  | 'opened'
  | 'clicked'
  | 'unsubscribed'
  | 'failed'
  | 'suppressed';

/** What happens to the account's own things: told only where an endpoint names it. */
export type WebhookAccountEventName =
  | 'connection.degraded'
  | 'connection.recovered'
  | 'connection.silent'
  | 'domain.unverified'
  | 'webhook_endpoint.disabled';

export type WebhookEventName = WebhookEmailEventName | WebhookAccountEventName;

/** What CourierX posts to a webhook endpoint. */
export type WebhookEvent = {
  event: WebhookEventName;
  /** Null for account events, as are `recipient` and `provider`. */
  emailId: string | null;
  recipient: string | null;
  provider: string | null;
  /** When it happened. */
  timestamp: string;
  /** The email's own, as it was sent. */
  metadata: Record<string, unknown>;
  /** What an account event is about; null for emails' events. */
  data: Record<string, unknown> | null;
};

const ABSENT = { emailId: null, recipient: null, provider: null, metadata: {}, data: null };

type HeaderSource = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

const PREFIX = 'whsec_';
/** How far the time of signing may be off. */
const TOLERANCE_SECONDS = 300;

/**
 * Checks that a webhook came from CourierX, and gives its event. Give the raw body as it came, not
 * one that was parsed and put together again.
 *
 * @throws {WebhookVerificationError} when it did not, or is older than the tolerance.
 */
export async function verifyWebhook(
  body: string | Uint8Array,
  headers: HeaderSource,
  secret: string,
): Promise<WebhookEvent> {
  const id = headerOf(headers, 'webhook-id');
  const timestamp = headerOf(headers, 'webhook-timestamp');
  const signatures = headerOf(headers, 'webhook-signature');
  checkAge(timestamp);
  const text = typeof body === 'string' ? body : new TextDecoder().decode(body);
  const { subtle } = await platformCrypto();
  const key = await importKey(subtle, secret);
  const signed = new TextEncoder().encode(`${id}.${timestamp}.${text}`);
  for (const [version, signature] of signatures.split(' ').map((part) => part.split(','))) {
    if (version !== 'v1' || signature === undefined) continue;
    const bytes = decode(signature);
    // Compared by the platform, in constant time.
    if (bytes && (await subtle.verify('HMAC', key, bytes, signed))) return parse(text);
  }
  throw new WebhookVerificationError(
    'The signature does not match: wrong secret, or the body is not the one that was sent',
  );
}

function headerOf(headers: HeaderSource, name: string): string {
  const value = headers instanceof Headers ? headers.get(name) : findHeader(headers, name);
  const text = typeof value === 'string' ? value : value?.[0];
  if (text === undefined || text === '') {
    throw new WebhookVerificationError(`The header ${name} is missing`);
  }
  return text;
}

function findHeader(headers: Exclude<HeaderSource, Headers>, name: string) {
  const entry = Object.entries(headers).find(([key]) => key.toLowerCase() === name);
  return entry?.[1];
}

function checkAge(timestamp: string): void {
  const seconds = /^\d{1,12}$/.test(timestamp) ? Number(timestamp) : Number.NaN;
  const ageSeconds = Math.abs(Date.now() / 1000 - seconds);
  if (ageSeconds <= TOLERANCE_SECONDS) return;
  throw new WebhookVerificationError(
    'The webhook is too old or from the future: a replay, or a clock that is off',
  );
}

async function importKey(subtle: SubtleCrypto, secret: string): Promise<CryptoKey> {
  const bytes = decode(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret);
  if (!bytes || bytes.length < 16) {
    throw new WebhookVerificationError(
      'The secret is none: give the whsec_… that was shown when the endpoint was made',
    );
  }
  return subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
}

function decode(base64: string): Uint8Array<ArrayBuffer> | null {
  try {
    return fromBase64(base64);
  } catch {
    return null;
  }
}

function parse(text: string): WebhookEvent {
  try {
    return { ...ABSENT, ...(fromWire(JSON.parse(text)) as WebhookEvent) };
  } catch (error) {
    throw new WebhookVerificationError('The body is not JSON', { cause: error });
  }
}
