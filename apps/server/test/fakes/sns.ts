import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { generate } from 'selfsigned';

export type SnsSigner = {
  readonly key: KeyObject | string;
  /** PEM. */
  readonly certificate: string;
};

export const TOPIC = 'arn:aws:sns:eu-west-1:111122223333:courierx-ses-events';
export const CERTIFICATE_URL =
  'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem';

/** A fresh RSA key and its own certificate, valid for a day on both sides of now. */
export async function createSnsSigner(
  validity: { from?: Date; to?: Date; keyType?: 'rsa' | 'ec' } = {},
): Promise<SnsSigner> {
  const day = 24 * 60 * 60_000;
  const made = await generate([{ name: 'commonName', value: 'sns.amazonaws.com' }], {
    keyType: validity.keyType ?? 'rsa',
    keySize: 2048,
    algorithm: 'sha256',
    notBeforeDate: validity.from ?? new Date(Date.now() - day),
    notAfterDate: validity.to ?? new Date(Date.now() + day),
  });
  return { key: made.private, certificate: made.cert };
}

export type SnsFields = Record<string, string>;

/** The fields of a message to a topic, without a signature. */
export function snsFields(changes: SnsFields = {}): SnsFields {
  return {
    Type: 'Notification',
    MessageId: '0f1d2c3b-1111-5222-8333-444455556666',
    TopicArn: TOPIC,
    Message: '{"eventType":"Delivery"}',
    Timestamp: new Date().toISOString(),
    SignatureVersion: '2',
    SigningCertURL: CERTIFICATE_URL,
    ...changes,
  };
}

/** By SNS's description: these keys, sorted, each with its value on a line of its own. */
export function signSns({ key }: Pick<SnsSigner, 'key'>, fields: SnsFields): SnsFields {
  const names =
    fields['Type'] === 'Notification'
      ? ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type']
      : ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];
  const text = names
    .filter((name) => fields[name] !== undefined)
    .map((name) => `${name}\n${fields[name]}\n`)
    .join('');
  const algorithm = fields['SignatureVersion'] === '1' ? 'RSA-SHA1' : 'RSA-SHA256';
  const signature = createSign(algorithm).update(text).sign(key, 'base64');
  return { ...fields, Signature: signature };
}

/** A key that is nobody's. */
export function createOtherKey(): KeyObject {
  return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
}
