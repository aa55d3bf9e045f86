import type { ProviderHttp } from '../http.ts';
import type {
  ProviderWebhooks,
  WebhookContext,
  WebhookRequest,
  WebhookVerdict,
} from '../webhooks.ts';
import type { AwsApi } from './api.ts';
import { createCertificates, type Certificates } from './certificates.ts';
import { confirmSubscription } from './confirm.ts';
import { isRawEvent, readEnvelope, type Envelope } from './envelope.ts';
import { readEvents } from './events.ts';
import { parseTopicArn } from './region.ts';
import { setUp } from './setup.ts';
import { isCertificateUrl, isFresh, isKnownVersion, isSignedBy, isValidAt } from './signature.ts';

/**
 * The webhook secret is the ARN of the SNS topic that SES publishes to. A signature of SNS only
 * proves that some topic sent a request, and anybody may have one: the ARN says which is ours.
 */
export function createSesWebhooks({
  http,
  api,
}: {
  http: ProviderHttp;
  api: AwsApi;
}): ProviderWebhooks {
  const certificates = createCertificates(http);
  return {
    checkSecret: (secret) =>
      parseTopicArn(secret) === null
        ? ['webhook_secret must be the ARN of a standard SNS topic (arn:aws:sns:…)']
        : [],
    verify: (request, context) => verify(request, context, certificates),
    read: ({ body }) => readEvents(body),
    confirm: (request, context) => confirmSubscription(api, request, context),
    setup: ({ connection, url, secret, signal }) => setUp(api, { connection, url, secret }, signal),
  };
}

const MAX_BYTES = 256 * 1024;

async function verify(
  { headers, body }: WebhookRequest,
  context: WebhookContext,
  certificates: Certificates,
): Promise<WebhookVerdict> {
  if (body.length > MAX_BYTES) return malformed('SNS sends 256 KiB at most');
  const envelope = readEnvelope(body);
  if (envelope === null) {
    return isRawEvent(body)
      ? forged('Raw message delivery is not signed: turn it off for the SNS subscription')
      : malformed('The body is not a message of Amazon SNS');
  }
  const headerOf = (name: string, value: string) =>
    (headers[`x-amz-sns-${name}`] ?? value) === value;
  if (!headerOf('message-type', envelope.Type) || !headerOf('message-id', envelope.MessageId)) {
    return forged('The headers of the request are not those of its body');
  }
  if (context.secret === null) return refuseUnknownTopic(envelope);
  const topic = parseTopicArn(context.secret);
  if (topic === null || envelope.TopicArn !== topic.arn) {
    return forged('TopicArn is not the webhook_secret of the connection');
  }
  if (!isKnownVersion(envelope)) return forged('SignatureVersion must be 1 or 2');
  if (!isCertificateUrl(envelope.SigningCertURL, topic)) {
    return forged("SigningCertURL is not where SNS of the topic's region keeps its certificates");
  }
  if (!isFresh(envelope, context.now)) return forged('Timestamp is more than a day away from now');
  return verifySignature(envelope, context, certificates);
}

async function verifySignature(
  envelope: Envelope,
  { now, signal }: WebhookContext,
  certificates: Certificates,
): Promise<WebhookVerdict> {
  const fetched = await certificates.fetch(envelope.SigningCertURL, signal);
  if (fetched.kind === 'missing') return forged('Amazon has no certificate at SigningCertURL');
  if (fetched.kind === 'unreachable') {
    const message = `The certificate of SNS could not be fetched: ${fetched.detail}`;
    return { kind: 'unverifiable', message };
  }
  const { certificate } = fetched;
  if (!isValidAt(certificate, now)) return forged('The certificate at SigningCertURL has expired');
  return isSignedBy(certificate, envelope)
    ? { kind: 'genuine', replayKey: envelope.MessageId }
    : forged('Signature does not fit the message');
}

/**
 * While a webhook is being set up, SNS asks for confirmation before we have kept its topic: then it
 * is to ask again, which it does after a 503 and not after a 401.
 */
function refuseUnknownTopic({ Type: type }: Envelope): WebhookVerdict {
  const message = 'The connection has no webhook_secret: set it to the ARN of the SNS topic';
  return type === 'SubscriptionConfirmation' ? { kind: 'unverifiable', message } : forged(message);
}

function forged(message: string): WebhookVerdict {
  return { kind: 'forged', message };
}

function malformed(message: string): WebhookVerdict {
  return { kind: 'malformed', message };
}
