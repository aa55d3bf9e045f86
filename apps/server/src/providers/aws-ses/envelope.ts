import { isRecord, parseJson } from '../json.ts';

/** What SNS wraps a message in; every value is text. */
export type Envelope = {
  readonly Type: 'Notification' | 'SubscriptionConfirmation' | 'UnsubscribeConfirmation';
  readonly MessageId: string;
  readonly TopicArn: string;
  readonly Message: string;
  readonly Timestamp: string;
  readonly SignatureVersion: string;
  readonly Signature: string;
  readonly SigningCertURL: string;
  readonly Subject?: string | null;
  readonly Token?: string | null;
  readonly SubscribeURL?: string | null;
};

const TYPES = ['Notification', 'SubscriptionConfirmation', 'UnsubscribeConfirmation'];
const REQUIRED = [
  'Type',
  'MessageId',
  'TopicArn',
  'Message',
  'Timestamp',
  'SignatureVersion',
  'Signature',
  'SigningCertURL',
];
const OPTIONAL = ['Subject', 'Token', 'SubscribeURL'];

/** Null where a body is no envelope of SNS. */
export function readEnvelope(body: Buffer): Envelope | null {
  const parsed = parseJson(body.toString('utf8'));
  if (!isRecord(parsed)) return null;
  // SNS writes a subject that is not there as null, too.
  const isGood =
    REQUIRED.every((key) => typeof parsed[key] === 'string') &&
    OPTIONAL.every((key) => ['string', 'undefined'].includes(typeof (parsed[key] ?? undefined))) &&
    TYPES.includes(parsed['Type'] as string);
  return isGood ? (parsed as Envelope) : null;
}

/** SES's own event without an envelope, and so without a signature: "raw message delivery". */
export function isRawEvent(body: Buffer): boolean {
  const parsed = parseJson(body.toString('utf8'));
  return isRecord(parsed) && ('eventType' in parsed || 'notificationType' in parsed);
}
