import type { WebhookEventName } from '@courierx/contract';

type Words = readonly (readonly [WebhookEventName, string])[];

export const EMAIL_EVENTS: Words = [
  ['sent', 'A provider took the mail over'],
  ['delivered', 'The recipient’s mail server accepted it'],
  ['deferred', 'That server put it off; the provider tries again'],
  ['bounced', 'It came back, hard or soft'],
  ['complained', 'The recipient marked it as spam'],
  ['opened', 'The recipient opened it'],
  ['clicked', 'The recipient clicked a link in it'],
  ['unsubscribed', 'The recipient unsubscribed'],
  ['failed', 'It could not be sent after all attempts'],
  ['suppressed', 'Not sent: the address is suppressed'],
];

export const ACCOUNT_EVENTS: Words = [
  ['connection.degraded', 'Mail goes round a connection'],
  ['connection.recovered', 'It takes mail again'],
  ['connection.silent', 'It sends, but its events do not arrive'],
  ['domain.unverified', 'A domain’s DNS record is gone'],
  ['webhook_endpoint.disabled', 'An endpoint failed for too long'],
];

/** What an endpoint hears of, in few words. */
export function describeEvents(events: readonly string[]): string {
  if (events.length === 0) return 'Every email event';
  if (events.length <= 3) return events.join(', ');
  return `${events.slice(0, 3).join(', ')} and ${events.length - 3} more`;
}
