import type { Connection } from '../connection.ts';
import type { ProviderAnswer, ProviderResponse } from '../http.ts';
import { verificationOfNoAnswer } from '../no-answer.ts';
import type { WebhookSetup } from '../webhooks.ts';
import type { AwsApi, SesCall, SnsCall } from './api.ts';
import { describeError, readError, readXml } from './error.ts';
import { parseTopicArn, type Topic } from './region.ts';

type Task = {
  readonly connection: Connection;
  readonly url: string;
  /** The topic to use; null: one of our own is made. */
  readonly secret: string | null;
};

/** An answer that ends the set-up. */
class SetupStopped extends Error {
  readonly setup: WebhookSetup;

  constructor(setup: WebhookSetup) {
    super(setup.kind);
    this.setup = setup;
  }
}

/**
 * Topic, configuration set, event destination, subscription, in this order: each can be done again
 * without harm, and SNS asks for the confirmation at the end.
 */
export async function setUp(api: AwsApi, task: Task, signal: AbortSignal): Promise<WebhookSetup> {
  const { connection, url, secret } = task;
  const { configuration_set: configurationSet } = connection.settings;
  if (configurationSet === undefined) {
    const message = 'SES tells of mail only that was sent with a configuration set';
    return { kind: 'manual', message, steps: [SET_CONFIGURATION_SET, ...stepsFor(task)] };
  }
  const calls = new Calls(api, task, signal);
  try {
    const topic = secret === null ? await makeTopic(calls, connection) : parseTopicArn(secret);
    if (topic === null) {
      return { kind: 'failed', message: 'webhook_secret is not the ARN of an SNS topic' };
    }
    const isNew = await makeDestination(calls, { connection, configurationSet, topic });
    await subscribe(calls, topic, url);
    return {
      kind: isNew ? 'created' : 'updated',
      message: `SES publishes to ${topic.arn}, which sends to this connection once confirmed`,
      secret: secret === null ? topic.arn : null,
    };
  } catch (error) {
    if (error instanceof SetupStopped) return error.setup;
    throw error;
  }
}

/** Names tell our own from the customer's. */
function nameFor(connection: Connection): string {
  return `courierx-${connection.id.replace(/[^A-Za-z0-9_-]/g, '-')}`.slice(0, 64);
}

async function makeTopic(calls: Calls, connection: Connection): Promise<Topic | null> {
  const { region = '' } = connection.settings;
  const made = await calls.sns({
    region,
    action: 'CreateTopic',
    parameters: { Name: nameFor(connection) },
  });
  const topic = parseTopicArn(readXml(made.body, 'TopicArn') ?? '');
  if (topic === null) return null;
  const attributes = { SignatureVersion: '2', Policy: JSON.stringify(policyFor(topic)) };
  for (const [AttributeName, AttributeValue] of Object.entries(attributes)) {
    const parameters = { TopicArn: topic.arn, AttributeName, AttributeValue };
    await calls.sns({ region, action: 'SetTopicAttributes', parameters });
  }
  return topic;
}

/** SES of this account alone may publish; its owner keeps all rights without being named. */
function policyFor({ arn, account }: Topic): object {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'CourierX',
        Effect: 'Allow',
        Principal: { Service: 'ses.amazonaws.com' },
        Action: 'sns:Publish',
        Resource: arn,
        Condition: { StringEquals: { 'AWS:SourceAccount': account } },
      },
    ],
  };
}

const EVENT_TYPES = [
  'SEND',
  'REJECT',
  'BOUNCE',
  'COMPLAINT',
  'DELIVERY',
  'OPEN',
  'CLICK',
  'RENDERING_FAILURE',
  'DELIVERY_DELAY',
  'SUBSCRIPTION',
];

/** True where it was not there before. */
async function makeDestination(
  calls: Calls,
  target: { connection: Connection; configurationSet: string; topic: Topic },
): Promise<boolean> {
  const { connection, configurationSet, topic } = target;
  const sets = '/v2/email/configuration-sets';
  const made = {
    method: 'POST',
    path: sets,
    body: { ConfigurationSetName: configurationSet },
  } as const;
  await calls.ses(made, 'AlreadyExistsException');
  const name = nameFor(connection);
  const path = `${sets}/${encodeURIComponent(configurationSet)}/event-destinations`;
  const EventDestination = {
    Enabled: true,
    MatchingEventTypes: EVENT_TYPES,
    SnsDestination: { TopicArn: topic.arn },
  };
  const body = { EventDestinationName: name, EventDestination };
  const answer = await calls.ses({ method: 'POST', path, body }, 'AlreadyExistsException');
  if (answer.status < 300) return true;
  await calls.ses({ method: 'PUT', path: `${path}/${name}`, body: { EventDestination } });
  return false;
}

/** Tries for an hour; by default SNS gives up after a minute. */
const DELIVERY_POLICY = {
  healthyRetryPolicy: {
    minDelayTarget: 5,
    maxDelayTarget: 600,
    numRetries: 20,
    numNoDelayRetries: 1,
    backoffFunction: 'exponential',
  },
};

async function subscribe(calls: Calls, { arn, region }: Topic, url: string): Promise<void> {
  const attributes = {
    DeliveryPolicy: JSON.stringify(DELIVERY_POLICY),
    // Raw messages have no signature.
    RawMessageDelivery: 'false',
  };
  const parameters = {
    TopicArn: arn,
    Protocol: new URL(url).protocol.replace(':', ''),
    Endpoint: url,
    ReturnSubscriptionArn: 'true',
    ...Object.fromEntries(
      Object.entries(attributes).flatMap(([key, value], index) => [
        [`Attributes.entry.${index + 1}.key`, key],
        [`Attributes.entry.${index + 1}.value`, value],
      ]),
    ),
  };
  await calls.sns({ region, action: 'Subscribe', parameters });
}

/** Each answer is a good one, or ends the set-up. */
class Calls {
  readonly #api: AwsApi;
  readonly #task: Task;
  readonly #signal: AbortSignal;

  constructor(api: AwsApi, task: Task, signal: AbortSignal) {
    this.#api = api;
    this.#task = task;
    this.#signal = signal;
  }

  /** `allowed` is an error that is as good. */
  async ses(call: SesCall, allowed?: string): Promise<ProviderAnswer> {
    const { connection } = this.#task;
    return this.#check(await this.#api.sesCalmly(connection, call, this.#signal), allowed);
  }

  async sns(call: SnsCall): Promise<ProviderAnswer> {
    return this.#check(await this.#api.sns(this.#task.connection, call, this.#signal));
  }

  #check(response: ProviderResponse, allowed?: string): ProviderAnswer {
    if (response.kind !== 'answer') {
      const { status, message } = verificationOfNoAnswer(response);
      throw new SetupStopped({ kind: status === 'failed' ? 'failed' : 'unreachable', message });
    }
    const { status } = response;
    if (status >= 200 && status < 300) return response;
    if (allowed !== undefined && readError(response).name === allowed) return response;
    throw new SetupStopped(this.#explain(response));
  }

  #explain(answer: ProviderAnswer): WebhookSetup {
    const { name } = readError(answer);
    const words = describeError(answer, this.#task.connection.secrets.secret);
    if (/^(AccessDenied|AuthorizationError|NotAuthorized)/.test(name)) {
      const message = `These keys may not set up the webhook: ${words}`;
      return { kind: 'manual', message, steps: stepsFor(this.#task) };
    }
    const { status } = answer;
    if (status === 408 || status === 429 || status >= 500 || /^(Throttl|TooMany)/.test(name)) {
      return { kind: 'unreachable', message: `Amazon can't answer now: ${words}` };
    }
    return { kind: 'failed', message: `Amazon refuses to set up the webhook: ${words}` };
  }
}

const SET_CONFIGURATION_SET =
  'Set configuration_set of this connection to the name of a configuration set in SES, and call this again or go on by hand.';

function stepsFor({ connection, url, secret }: Task): string[] {
  const { configuration_set: configurationSet = 'courierx', region = '' } = connection.settings;
  const name = secret ?? nameFor(connection);
  return [
    `In Amazon SNS (${region}) create a standard topic "${name}" and let the service ses.amazonaws.com publish to it.`,
    `In Amazon SES (${region}) open the configuration set "${configurationSet}" and add an event destination of kind SNS with that topic and all event types.`,
    'Set webhook_secret of this connection to the ARN of the topic.',
    `In Amazon SNS add a subscription to the topic: protocol HTTPS, endpoint ${url}, raw message delivery off. It is confirmed by itself.`,
  ];
}
