import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { AWS_KEYS, AWS_REGION } from '../../../test/fakes/aws-ses.ts';
import {
  CERTIFICATE_URL,
  createOtherKey,
  createSnsSigner,
  signSns,
  snsFields,
  TOPIC,
  type SnsFields,
  type SnsSigner,
} from '../../../test/fakes/sns.ts';
import type { ProviderHttp, ProviderResponse } from '../http.ts';
import { connectionWith } from '../testing/messages.ts';
import type { WebhookContext } from '../webhooks.ts';
import { createAwsApi } from './api.ts';
import { createSesWebhooks } from './webhooks.ts';

const signal = new AbortController().signal;
let signer: SnsSigner;

beforeAll(async () => {
  signer = await createSnsSigner();
});

const answer = (status: number, body: string): ProviderResponse => ({
  kind: 'answer',
  status,
  headers: {},
  body,
});

/** Amazon's hosts are answered here; nothing else is fetched. */
function createWith(certificate: ProviderResponse = answer(200, signer.certificate)) {
  const fetched: string[] = [];
  const http: ProviderHttp = {
    request({ url }) {
      fetched.push(url);
      return Promise.resolve(certificate);
    },
    close: () => Promise.resolve(),
  };
  return { webhooks: createSesWebhooks({ http, api: createAwsApi(http) }), fetched };
}

const contextWith = (changes: Partial<WebhookContext> = {}): WebhookContext => ({
  connection: connectionWith({ region: AWS_REGION }, AWS_KEYS),
  secret: TOPIC,
  now: new Date(),
  signal,
  ...changes,
});

const toRequest = (fields: object, headers: Record<string, string> = {}) => ({
  headers,
  body: Buffer.from(JSON.stringify(fields)),
});
const signed = (changes: SnsFields = {}) => signSns(signer, snsFields(changes));

const CONFIRMATION = {
  Type: 'SubscriptionConfirmation',
  Token: '2336412f37ab',
  Message: 'You have chosen to subscribe…',
  SubscribeURL:
    'https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=2336412f37ab',
};

describe('a message of SNS', () => {
  const verify = async (
    fields: object,
    {
      context = {},
      headers = {},
    }: { context?: Partial<WebhookContext>; headers?: Record<string, string> } = {},
  ) => {
    const { webhooks, fetched } = createWith();
    const verdict = await webhooks.verify(toRequest(fields, headers), contextWith(context));
    return { ...verdict, fetched };
  };

  it.each([
    [{ SignatureVersion: '1' }],
    [{ SignatureVersion: '2' }],
    [{ Subject: 'Amazon SES Email Event Notification' }],
    [{ Message: 'Grüße\n✅' }],
    [CONFIRMATION],
    [{ ...CONFIRMATION, SignatureVersion: '1' }],
    [{ ...CONFIRMATION, Type: 'UnsubscribeConfirmation' }],
    [{ Timestamp: new Date(Date.now() - 23 * 60 * 60_000).toISOString() }],
  ])('with %j is genuine, and repeats have its id', async (changes: SnsFields) => {
    expect(await verify(signed(changes))).toEqual({
      kind: 'genuine',
      replayKey: '0f1d2c3b-1111-5222-8333-444455556666',
      fetched: [CERTIFICATE_URL],
    });
  });

  it('is genuine with the headers of SNS', async () => {
    const headers = {
      'x-amz-sns-message-type': 'Notification',
      'x-amz-sns-message-id': '0f1d2c3b-1111-5222-8333-444455556666',
    };
    expect(await verify(signed(), { headers })).toMatchObject({ kind: 'genuine' });
  });

  it('needs its certificate fetched once', async () => {
    const { webhooks, fetched } = createWith();
    for (let times = 0; times < 3; times++) {
      const verdict = await webhooks.verify(toRequest(signed()), contextWith());
      expect(verdict).toMatchObject({ kind: 'genuine' });
    }
    expect(fetched).toEqual([CERTIFICATE_URL]);
  });

  it.each(['Message', 'MessageId', 'Timestamp', 'Type', 'Subject', 'Token', 'SubscribeURL'])(
    'is forged where its %s was changed',
    async (name) => {
      const changed =
        name === 'Type'
          ? 'SubscriptionConfirmation'
          : name === 'Timestamp'
            ? new Date(Date.now() - 1000).toISOString()
            : 'changed';
      const base = ['Token', 'SubscribeURL'].includes(name) ? signed(CONFIRMATION) : signed();
      expect(await verify({ ...base, [name]: changed })).toMatchObject({ kind: 'forged' });
    },
  );

  it.each([
    ['of another key', () => signSns({ key: createOtherKey() }, snsFields())],
    ['without a signature', () => ({ ...signed(), Signature: '' })],
    [
      'with half a signature',
      () => ({ ...signed(), Signature: signed()['Signature']?.slice(0, 99) }),
    ],
    ['of version 2 under the name of 1', () => ({ ...signed(), SignatureVersion: '1' })],
  ])('%s is forged', async (_, fields) => {
    expect(await verify(fields())).toMatchObject({ kind: 'forged' });
  });

  it.each([
    ['another topic', { TopicArn: `${TOPIC}-of-mallory` }],
    ['another account', { TopicArn: TOPIC.replace('1111', '9999') }],
    ['an unknown version', { SignatureVersion: '3' }],
    ['an old time', { Timestamp: new Date(Date.now() - 25 * 60 * 60_000).toISOString() }],
    ['a time to come', { Timestamp: new Date(Date.now() + 60 * 60_000).toISOString() }],
    ['no time', { Timestamp: 'now' }],
  ])('that is signed, of %s, is forged and nothing is fetched', async (_, changes: SnsFields) => {
    expect(await verify(signed(changes))).toMatchObject({ kind: 'forged', fetched: [] });
  });

  const path = '/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem';

  it.each([
    `http://sns.eu-west-1.amazonaws.com${path}`,
    `https://sns.us-east-1.amazonaws.com${path}`,
    `https://sns.eu-west-1.amazonaws.com.cn${path}`,
    `https://sns.eu-west-1.amazonaws.com.evil.example${path}`,
    `https://evil.example${path}`,
    `https://sns.eu-west-1.amazonaws.com@evil.example${path}`,
    `https://user@sns.eu-west-1.amazonaws.com${path}`,
    `https://sns.eu-west-1.amazonaws.com:8443${path}`,
    `https://sns.eu-west-1.amazonaws.com:443${path}`,
    `https://sns.eu-west-1.amazonaws.com${path}?next=http://169.254.169.254/x.pem`,
    `https://sns.eu-west-1.amazonaws.com${path}#x`,
    `https://sns.eu-west-1.amazonaws.com/bucket${path}`,
    `https://sns.eu-west-1.amazonaws.com/../SimpleNotificationService-0123456789abcdef.pem`,
    'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-x.pem',
    'https://sns.eu-west-1.amazonaws.com/other.pem',
    'https://bucket.s3.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem',
    `https://SNS.eu-west-1.amazonaws.com${path}`,
    `https://169.254.169.254${path}`,
    ` ${CERTIFICATE_URL}`,
    'file:///etc/passwd',
    '',
  ])('with its certificate at %j is forged and nothing is fetched', async (SigningCertURL) => {
    expect(await verify(signed({ SigningCertURL }))).toMatchObject({ kind: 'forged', fetched: [] });
  });

  it.each([
    ['aws-cn', 'cn-north-1', 'amazonaws.com.cn'],
    ['aws-us-gov', 'us-gov-west-1', 'amazonaws.com'],
    ['aws-eusc', 'eusc-de-east-1', 'amazonaws.eu'],
  ])(
    'of the partition %s has its certificate at its own host',
    async (partition, region, domain) => {
      const secret = `arn:${partition}:sns:${region}:111122223333:topic`;
      const SigningCertURL = `https://sns.${region}.${domain}${path}`;
      const verdict = await verify(signed({ TopicArn: secret, SigningCertURL }), {
        context: { secret },
      });
      expect(verdict).toMatchObject({ kind: 'genuine', fetched: [SigningCertURL] });
    },
  );

  it.each([
    { 'x-amz-sns-message-type': 'SubscriptionConfirmation' },
    { 'x-amz-sns-message-id': 'another' },
  ])('under the headers %j is forged', async (headers) => {
    expect(await verify(signed(), { headers })).toMatchObject({ kind: 'forged' });
  });

  it('is refused where the connection has no topic; a confirmation is to come again', async () => {
    const context = { secret: null };
    expect(await verify(signed(), { context })).toMatchObject({ kind: 'forged', fetched: [] });
    expect(await verify(signed(CONFIRMATION), { context })).toMatchObject({
      kind: 'unverifiable',
      fetched: [],
    });
  });

  it('without an envelope (raw message delivery) is forged', async () => {
    expect(await verify({ eventType: 'Delivery', mail: {} })).toMatchObject({
      kind: 'forged',
      message: expect.stringMatching(/[Rr]aw message delivery/) as string,
    });
  });

  it.each([
    ['an unknown type', () => ({ ...signed(), Type: 'Other' })],
    ['a number', () => ({ ...signed(), Timestamp: 7 })],
    ['no message', () => ({ ...signed(), Message: undefined })],
    ['nothing', () => ({})],
    ['a list', () => []],
  ])('with %s is malformed', async (_, fields) => {
    expect(await verify(fields())).toMatchObject({ kind: 'malformed', fetched: [] });
  });

  it('over 256 KiB is malformed', async () => {
    expect(await verify(signed({ Message: 'x'.repeat(256 * 1024) }))).toMatchObject({
      kind: 'malformed',
    });
  });

  describe('whose certificate', () => {
    const verifyWith = async (certificate: ProviderResponse) => {
      const { webhooks, fetched } = createWith(certificate);
      const { kind } = await webhooks.verify(toRequest(signed()), contextWith());
      await webhooks.verify(toRequest(signed()), contextWith());
      return { kind, fetched: fetched.length };
    };
    const noAnswer = { kind: 'not_sent', reason: 'dns_failed', detail: 'ENOTFOUND' } as const;

    it.each([
      ['can not be fetched', noAnswer],
      ['comes with 500', answer(500, 'no')],
      ['is none', answer(200, '<html>')],
    ])('%s is to come again', async (_, response) => {
      expect(await verifyWith(response)).toEqual({ kind: 'unverifiable', fetched: 2 });
    });

    it.each([403, 404])('is not there (%i) is forged', async (status) => {
      expect(await verifyWith(answer(status, 'no'))).toEqual({ kind: 'forged', fetched: 2 });
    });

    it.each([
      ['has expired', { from: new Date('2020-01-01'), to: new Date('2021-01-01') }, 'forged'],
      ['has another kind of key', { keyType: 'ec' }, 'unverifiable'],
    ] as const)('%s is not genuine', async (_, validity, kind) => {
      const { certificate } = await createSnsSigner(validity);
      expect(await verifyWith(answer(200, certificate))).toMatchObject({ kind });
    });
  });

  it('is never genuine, and never a throw, where it is garbage', async () => {
    const { webhooks } = createWith();
    const good = signed();
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom(...Object.values(good)));
    const fields = fc
      .dictionary(fc.constantFrom(...Object.keys(good)), value)
      .map((changes) => JSON.stringify({ ...good, ...changes, Message: 'forged' }));
    await fc.assert(
      fc.asyncProperty(fc.oneof(fields, fc.string(), fc.json()), async (body) => {
        const request = { headers: {}, body: Buffer.from(body) };
        const { kind } = await webhooks.verify(request, contextWith());
        expect(['forged', 'malformed']).toContain(kind);
        expect(webhooks.read(request)).toBeInstanceOf(Array);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a webhook secret', () => {
  const { webhooks } = createWith(answer(500, ''));

  it.each([TOPIC, 'arn:aws-cn:sns:cn-north-1:111122223333:x'])('may be %s', (secret) => {
    expect(webhooks.checkSecret(secret)).toEqual([]);
  });

  it.each([
    '',
    'secret',
    `${TOPIC}.fifo`,
    `${TOPIC}:9f0c6b1e-1111`,
    'arn:aws:sqs:eu-west-1:111122223333:x',
    'arn:aws:sns:evil.example/:111122223333:x',
  ])('may not be %j', (secret) => {
    expect(webhooks.checkSecret(secret)).toEqual([expect.stringMatching(/^webhook_secret must/)]);
  });
});
