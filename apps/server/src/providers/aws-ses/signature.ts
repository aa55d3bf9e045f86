import { verify as verifyBytes, X509Certificate } from 'node:crypto';
import { domainOf, type Topic } from './region.ts';
import type { Envelope } from './envelope.ts';

const DAY_MS = 24 * 60 * 60_000;
const AHEAD_MS = 15 * 60_000;

/** SNS tries for an hour at most; the rest is for requests it kept for us in a dead-letter queue. */
export function isFresh({ Timestamp: timestamp }: Envelope, now: Date): boolean {
  const time = /^\d{4}-\d\d-\d\dT[\d:.]{8,16}Z$/.test(timestamp) ? Date.parse(timestamp) : NaN;
  const age = now.getTime() - time;
  return age <= DAY_MS && age >= -AHEAD_MS;
}

/**
 * Whether a URL is where SNS of the topic's own region keeps its certificates. Anybody can put a
 * file on some `*.amazonaws.com`; only SNS can on this host and path.
 */
export function isCertificateUrl(text: string, { region }: Topic): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null) return false;
  const expected = `https://sns.${region}.${domainOf(region)}${url.pathname}`;
  // Compared as text: no user, port, query, fragment or other spelling is left to judge.
  return (
    text === expected && /^\/SimpleNotificationService-[0-9a-f]{16,64}\.pem$/.test(url.pathname)
  );
}

const SIGNED_KEYS = {
  Notification: ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'],
  SubscriptionConfirmation: [
    'Message',
    'MessageId',
    'SubscribeURL',
    'Timestamp',
    'Token',
    'TopicArn',
    'Type',
  ],
  UnsubscribeConfirmation: [
    'Message',
    'MessageId',
    'SubscribeURL',
    'Timestamp',
    'Token',
    'TopicArn',
    'Type',
  ],
} as const;

/** The text SNS signs. */
export function toSignedText(envelope: Envelope): string {
  return SIGNED_KEYS[envelope.Type]
    .map((key) => [key, envelope[key]] as const)
    .filter(([, value]) => typeof value === 'string')
    .map(([key, value]) => `${key}\n${value}\n`)
    .join('');
}

const ALGORITHMS: ReadonlyMap<string, string> = new Map([
  ['1', 'RSA-SHA1'],
  ['2', 'RSA-SHA256'],
]);

export function isKnownVersion({ SignatureVersion: version }: Envelope): boolean {
  return ALGORITHMS.has(version);
}

/** Null where a text is no certificate with an RSA key. */
export function parseCertificate(pem: string): X509Certificate | null {
  try {
    const certificate = new X509Certificate(pem);
    return certificate.publicKey.asymmetricKeyType === 'rsa' ? certificate : null;
  } catch {
    return null;
  }
}

export function isValidAt(certificate: X509Certificate, now: Date): boolean {
  return certificate.validFromDate <= now && now <= certificate.validToDate;
}

export function isSignedBy(certificate: X509Certificate, envelope: Envelope): boolean {
  const algorithm = ALGORITHMS.get(envelope.SignatureVersion);
  if (algorithm === undefined) return false;
  const signature = Buffer.from(envelope.Signature, 'base64');
  return verifyBytes(
    algorithm,
    Buffer.from(toSignedText(envelope)),
    certificate.publicKey,
    signature,
  );
}
