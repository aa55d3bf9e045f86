import type { ProviderResponse } from '../http.ts';
import type { WebhookContext, WebhookRequest } from '../webhooks.ts';
import type { AwsApi } from './api.ts';
import { readEnvelope } from './envelope.ts';
import { parseTopicArn } from './region.ts';

/**
 * Confirms the subscription of a genuine request through the API of the topic's own region; the
 * URL in the request is never fetched. Where the keys may not, SNS also takes the bare token. False
 * only where asking again may help.
 */
export async function confirmSubscription(
  api: AwsApi,
  { body }: WebhookRequest,
  { connection, secret, signal }: WebhookContext,
): Promise<boolean> {
  const envelope = readEnvelope(body);
  const topic = parseTopicArn(secret ?? '');
  if (envelope?.Type !== 'SubscriptionConfirmation' || envelope.TopicArn !== topic?.arn) {
    return true;
  }
  const parameters = { TopicArn: topic.arn, Token: envelope.Token ?? '' };
  const call = { region: topic.region, action: 'ConfirmSubscription', parameters };
  const signed = {
    ...call,
    // Then nobody but the owners can end the subscription with a link.
    parameters: { ...parameters, AuthenticateOnUnsubscribe: 'true' },
  };
  const response = await api.sns(connection, signed, signal);
  if (isAnswered(response)) return true;
  const isRefused = response.kind === 'answer' && response.status >= 400 && response.status < 500;
  if (!isRefused || response.status === 429) return false;
  const second = await api.sns(connection, { ...call, isAnonymous: true }, signal);
  return isAnswered(second) || (second.kind === 'answer' && second.status < 500);
}

function isAnswered(response: ProviderResponse): boolean {
  return response.kind === 'answer' && response.status === 200;
}
