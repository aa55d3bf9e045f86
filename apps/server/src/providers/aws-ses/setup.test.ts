import { afterEach, describe, expect, it } from 'vitest';
import {
  AWS_KEYS,
  AWS_REGION,
  awsError,
  snsError,
  startFakeAwsSes,
  type FakeAwsSes,
} from '../../../test/fakes/aws-ses.ts';
import { snsFields, TOPIC, type SnsFields } from '../../../test/fakes/sns.ts';
import { createOutboundGuard } from '../../lib/outbound-guard.ts';
import type { ConnectionSettings } from '../connection.ts';
import { createProviderHttp } from '../http.ts';
import { connectionWith } from '../testing/messages.ts';
import { createAwsApi } from './api.ts';
import { createSesWebhooks } from './webhooks.ts';

const signal = new AbortController().signal;
const open: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

const CONFIRMATION = {
  Type: 'SubscriptionConfirmation',
  Token: '2336412f37ab',
  SubscribeURL: 'https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription',
};
const signed = (changes: SnsFields = {}) => ({
  ...snsFields(changes),
  Signature: 'checked before',
});

async function startReal(settings: ConnectionSettings = {}) {
  const fake = await startFakeAwsSes();
  const guard = createOutboundGuard({ privateNetworks: 'allow' });
  const timeLimits = { connectMs: 1_000, firstByteMs: 500, totalMs: 2_000 };
  const http = createProviderHttp({ guard, timeLimits });
  open.push(
    () => fake.close(),
    () => http.close(),
  );
  const connection = connectionWith(
    { region: AWS_REGION, endpoint: fake.url, ...settings },
    AWS_KEYS,
  );
  return { fake, connection, webhooks: createSesWebhooks({ http, api: createAwsApi(http) }) };
}

const operationsOf = (fake: FakeAwsSes) => fake.calls.map(({ operation }) => operation);

describe('a subscription', () => {
  const confirm = async (fields: SnsFields, prepare?: (fake: FakeAwsSes) => void) => {
    const { fake, connection, webhooks } = await startReal();
    prepare?.(fake);
    const isDone = await webhooks.confirm?.(
      { headers: {}, body: Buffer.from(JSON.stringify(fields)) },
      { connection, secret: TOPIC, now: new Date(), signal },
    );
    return { isDone, calls: fake.calls };
  };

  it('is confirmed through the API, by token and topic', async () => {
    expect(await confirm(signed(CONFIRMATION))).toEqual({
      isDone: true,
      calls: [
        {
          operation: 'sns:ConfirmSubscription',
          input: { TopicArn: TOPIC, Token: '2336412f37ab', AuthenticateOnUnsubscribe: 'true' },
        },
      ],
    });
  });

  it('is confirmed by the bare token where the keys may not', async () => {
    const denied = snsError(403, 'AuthorizationError', 'not authorized');
    const { isDone, calls } = await confirm(signed(CONFIRMATION), (fake) =>
      fake.script('sns:ConfirmSubscription', { do: 'answer', ...denied }),
    );
    expect(isDone).toBe(true);
    expect(calls.at(-1)?.input).toEqual({ TopicArn: TOPIC, Token: '2336412f37ab' });
  });

  it('is tried again where SNS is down', async () => {
    const { isDone, calls } = await confirm(signed(CONFIRMATION), (fake) =>
      fake.script('sns:ConfirmSubscription', {
        do: 'answer',
        ...snsError(500, 'InternalError', ''),
      }),
    );
    expect(isDone).toBe(false);
    expect(calls).toHaveLength(1);
  });

  it.each([
    {},
    { ...CONFIRMATION, Type: 'UnsubscribeConfirmation' },
    { ...CONFIRMATION, TopicArn: `${TOPIC}x` },
  ])('is not what %j asks for', async (changes: SnsFields) => {
    expect(await confirm(signed(changes))).toEqual({ isDone: true, calls: [] });
  });
});

describe('the set-up', () => {
  const url = 'https://mail.example/api/v1/webhooks/aws_ses/abc';
  const arn = 'arn:aws:sns:eu-west-1:111122223333:courierx-connection-1';
  const settings = { configuration_set: 'events' };

  it('makes topic, configuration set, event destination and subscription, in this order', async () => {
    const { fake, connection, webhooks } = await startReal(settings);
    const setup = await webhooks.setup({ connection, url, secret: null, signal });
    expect(setup).toMatchObject({ kind: 'created', secret: arn });
    expect(operationsOf(fake)).toEqual([
      'sns:CreateTopic',
      'sns:SetTopicAttributes',
      'sns:SetTopicAttributes',
      'CreateConfigurationSet',
      'CreateConfigurationSetEventDestination',
      'sns:Subscribe',
    ]);
    expect(fake.calls[1]?.input).toMatchObject({
      AttributeName: 'SignatureVersion',
      AttributeValue: '2',
    });
    expect(fake.calls[2]?.input['AttributeValue']).toContain('"AWS:SourceAccount":"111122223333"');
    expect(fake.calls[4]?.input).toMatchObject({
      ConfigurationSetName: 'events',
      EventDestination: { Enabled: true, SnsDestination: { TopicArn: arn } },
    });
    expect(fake.calls[5]?.input).toMatchObject({
      TopicArn: arn,
      Protocol: 'https',
      Endpoint: url,
      Attributes: { RawMessageDelivery: 'false' },
    });
  });

  it('mends what is there, and leaves a topic of the customer as it is', async () => {
    const { fake, connection, webhooks } = await startReal(settings);
    await webhooks.setup({ connection, url, secret: TOPIC, signal });
    const before = fake.calls.length;
    const setup = await webhooks.setup({ connection, url, secret: TOPIC, signal });
    expect(setup).toMatchObject({ kind: 'updated', secret: null });
    expect(operationsOf(fake).slice(before)).toEqual([
      'CreateConfigurationSet',
      'CreateConfigurationSetEventDestination',
      'UpdateConfigurationSetEventDestination',
      'sns:Subscribe',
    ]);
  });

  it('asks for a configuration set first, and touches nothing', async () => {
    const { fake, connection, webhooks } = await startReal();
    const setup = await webhooks.setup({ connection, url, secret: null, signal });
    expect(setup).toMatchObject({ kind: 'manual' });
    expect(setup).toHaveProperty('steps.0', expect.stringContaining('configuration_set'));
    expect(fake.calls).toEqual([]);
  });

  it.each([
    ['sns:CreateTopic', snsError(403, 'AuthorizationError', 'not authorized'), 'manual'],
    ['CreateConfigurationSet', awsError(403, 'AccessDeniedException', 'no'), 'manual'],
    [
      'CreateConfigurationSetEventDestination',
      awsError(400, 'BadRequestException', 'no'),
      'failed',
    ],
    ['sns:Subscribe', snsError(500, 'InternalError', ''), 'unreachable'],
  ])('is told where %s fails', async (operation, refusal, kind) => {
    const { fake, connection, webhooks } = await startReal(settings);
    fake.script(operation, { do: 'answer', ...refusal });
    const setup = await webhooks.setup({ connection, url, secret: null, signal });
    expect(setup).toMatchObject({ kind });
    if (setup.kind === 'manual') expect(setup.steps.join('\n')).toContain(url);
    expect(JSON.stringify(setup)).not.toContain(AWS_KEYS.secret);
  });

  it('is unreachable where nobody answers', async () => {
    const { fake, connection, webhooks } = await startReal(settings);
    await fake.close();
    open.shift();
    const setup = await webhooks.setup({ connection, url, secret: null, signal });
    expect(setup).toMatchObject({ kind: 'unreachable' });
  });
});
