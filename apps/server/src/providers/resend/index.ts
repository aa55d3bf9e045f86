import { outcomeOfNoAnswer } from '../no-answer.ts';
import type { OutgoingMessage } from '../message.ts';
import type { Outcome } from '../outcome.ts';
import type { Connection } from '../connection.ts';
import type { Provider, ProviderDeps } from '../provider.ts';
import { apiKeyOf, callResend } from './api.ts';
import { MAX_TAGS, toIdempotencyKey, toPayload } from './payload.ts';
import { toOutcome } from './response.ts';
import { isKeyRemembered, toSettlement } from './settlement.ts';
import { verify } from './verify.ts';
import { createResendWebhooks } from './webhooks.ts';

/** Resend, whose `Idempotency-Key` makes an attempt repeatable for 24 hours. */
export function createResend({ http }: ProviderDeps): Provider {
  async function send(
    connection: Connection,
    message: OutgoingMessage,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const call = {
      method: 'POST',
      path: '/emails',
      headers: { 'idempotency-key': toIdempotencyKey(message) },
      body: toPayload(message),
    } as const;
    const response = await callResend(http, { connection, call }, signal);
    if (response.kind !== 'answer') return outcomeOfNoAnswer(response);
    return toOutcome(response, { now: new Date(), apiKey: apiKeyOf(connection) });
  }

  return {
    name: 'resend',
    capabilities: {
      maxMessageBytes: 40_000_000,
      maxRecipients: 50,
      maxTags: MAX_TAGS,
      maxMetadataBytes: 16_384,
      customHeaders: true,
      attachments: true,
      inlineAttachments: true,
      multipleReplyTo: true,
      // The mail leaves through Amazon SES, which writes a Message-ID of its own.
      keepsMessageId: false,
      reservedHeaders: [],
    },
    credentials: { required: ['api_key'], optional: ['endpoint'] },
    checkSettings: (_, { api_key: apiKey = '' }) =>
      /^re_[!-~]+$/.test(apiKey) ? [] : ['api_key must be a Resend API key (re_…)'],
    send,
    verify: (connection, signal) => verify(http, connection, signal),
    webhooks: createResendWebhooks(http),
    async settle(connection, { message, startedAt }, signal) {
      if (!isKeyRemembered(startedAt, new Date())) {
        return { kind: 'not_known', detail: 'Resend remembers a request for 24 hours only' };
      }
      return toSettlement(await send(connection, message, signal));
    },
    close: () => Promise.resolve(),
  };
}
