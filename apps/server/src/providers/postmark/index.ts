import { outcomeOfNoAnswer } from '../no-answer.ts';
import type { Failed } from '../outcome.ts';
import type { Provider, ProviderDeps } from '../provider.ts';
import { callPostmark, streamOf, tokenOf } from './api.ts';
import {
  findInstruction,
  hasLargeBody,
  MAX_METADATA_BYTES,
  MAX_TAGS,
  RESERVED_HEADERS,
  toPayload,
} from './payload.ts';
import { toOutcome } from './response.ts';
import { settle } from './settlement.ts';
import { verify } from './verify.ts';
import { createPostmarkWebhooks } from './webhooks.ts';

/** Takes every mail and sends none. */
const TEST_TOKEN = 'POSTMARK_API_TEST';

/** Postmark by ActiveCampaign, `POST /email`. */
export function createPostmark({ http }: ProviderDeps): Provider {
  return {
    name: 'postmark',
    capabilities: {
      maxMessageBytes: 10_000_000,
      maxRecipients: 50,
      maxTags: MAX_TAGS,
      maxMetadataBytes: MAX_METADATA_BYTES,
      customHeaders: true,
      attachments: true,
      inlineAttachments: true,
      multipleReplyTo: true,
      keepsMessageId: true,
      reservedHeaders: RESERVED_HEADERS,
    },
    credentials: { required: ['api_key'], optional: ['message_stream', 'endpoint'] },
    checkSettings({ message_stream: stream }, { api_key: token = '' }) {
      return [
        ...(stream === undefined || /^[A-Za-z][\w-]*$/.test(stream)
          ? []
          : ['message_stream must be the id of a message stream, such as outbound']),
        // Anything else can't stand in a header, so it is no token of Postmark's.
        ...(/^[!-~]+$/.test(token) ? [] : ['api_key must be a Postmark server token']),
        ...(token.toUpperCase() === TEST_TOKEN
          ? ['api_key POSTMARK_API_TEST sends nothing; use the provider sandbox to try things out']
          : []),
      ];
    },
    async send(connection, message, signal) {
      signal.throwIfAborted();
      const instruction = findInstruction(message);
      if (instruction !== null) {
        const detail = `Postmark would obey the header ${instruction} instead of carrying it`;
        return refuse('invalid_message', detail);
      }
      if (hasLargeBody(message)) {
        return refuse('too_large', 'Postmark takes no text or HTML over 5 MB');
      }
      const body = toPayload(message, streamOf(connection));
      const call = { method: 'POST', path: '/email', body } as const;
      const response = await callPostmark(http, { connection, call }, signal);
      if (response.kind !== 'answer') return outcomeOfNoAnswer(response);
      const { recipients } = message;
      return toOutcome(response, { now: new Date(), token: tokenOf(connection), recipients });
    },
    verify: (connection, signal) => verify(http, connection, signal),
    settle: (connection, attempt, signal) => settle(http, { connection, attempt }, signal),
    webhooks: createPostmarkWebhooks(http),
    close: () => Promise.resolve(),
  };
}

function refuse(reason: Failed['reason'], detail: string): Failed {
  return {
    kind: 'failed',
    scope: 'message',
    reason,
    detail,
    statusCode: null,
    retryAfterMs: null,
  };
}
