import { parseDomain } from '../../lib/address.ts';
import { outcomeOfNoAnswer } from '../no-answer.ts';
import type { Failed } from '../outcome.ts';
import type { Provider, ProviderDeps } from '../provider.ts';
import { apiKeyOf, callMailgun, domainOf, REGIONS } from './api.ts';
import {
  findInstruction,
  MAX_TAGS,
  MAX_VARIABLES_BYTES,
  RESERVED_HEADERS,
  toForm,
} from './payload.ts';
import { toOutcome } from './response.ts';
import { settle } from './settlement.ts';
import { verify } from './verify.ts';
import { createMailgunWebhooks } from './webhooks.ts';

/** Mailgun by Sinch, v3 Messages. `smtp_host` is the sending domain. */
export function createMailgun({ http }: ProviderDeps): Provider {
  return {
    name: 'mailgun',
    capabilities: {
      maxMessageBytes: 25_000_000,
      maxRecipients: 1000,
      maxTags: MAX_TAGS,
      maxMetadataBytes: MAX_VARIABLES_BYTES,
      customHeaders: true,
      attachments: true,
      inlineAttachments: true,
      multipleReplyTo: true,
      keepsMessageId: true,
      reservedHeaders: RESERVED_HEADERS,
    },
    credentials: { required: ['api_key', 'smtp_host'], optional: ['region', 'endpoint'] },
    checkSettings({ region, smtp_host: domain = '' }, { api_key: apiKey = '' }) {
      return [
        ...(parseDomain(domain) === null
          ? ['smtp_host must be the sending domain at Mailgun, such as mg.example.com']
          : []),
        ...(region === undefined || REGIONS.includes(region)
          ? []
          : [`region must be ${REGIONS.join(' or ')} for mailgun`]),
        // Anything else can't stand in a header, so it is no key of Mailgun's.
        ...(/^[!-~]+$/.test(apiKey) ? [] : ['api_key must be a Mailgun API key']),
      ];
    },
    async send(connection, message, signal) {
      signal.throwIfAborted();
      const instruction = findInstruction(message);
      if (instruction !== null) return refuse(instruction);
      const path = `/v3/${domainOf(connection)}/messages.mime`;
      const call = { method: 'POST', path, form: toForm(message) } as const;
      const response = await callMailgun(http, { connection, call }, signal);
      if (response.kind !== 'answer') return outcomeOfNoAnswer(response);
      const { recipients } = message;
      return toOutcome(response, { now: new Date(), apiKey: apiKeyOf(connection), recipients });
    },
    verify: (connection, signal) => verify(http, connection, signal),
    settle: (connection, attempt, signal) => settle(http, { connection, attempt }, signal),
    webhooks: createMailgunWebhooks(http),
    close: () => Promise.resolve(),
  };
}

function refuse(name: string): Failed {
  return {
    kind: 'failed',
    scope: 'message',
    reason: 'invalid_message',
    detail: `Mailgun would obey the header ${name} instead of carrying it`,
    statusCode: null,
    retryAfterMs: null,
  };
}
