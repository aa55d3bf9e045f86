import type { ProviderAnswer } from '../http.ts';
import { outcomeOfNoAnswer, verificationOfNoAnswer } from '../no-answer.ts';
import type { Provider, ProviderDeps, VerificationResult } from '../provider.ts';
import { apiKeyOf, callSendGrid, HOSTS } from './api.ts';
import { MAX_CATEGORIES, MAX_CUSTOM_ARGS_BYTES, toPayload } from './payload.ts';
import { describeErrors, toOutcome } from './response.ts';
import { createSendGridWebhooks } from './webhooks.ts';

/** By SendGrid's description of `headers`. */
const RESERVED_HEADERS = [
  'x-sg-id',
  'x-sg-eid',
  'received',
  'dkim-signature',
  'content-type',
  'content-transfer-encoding',
  'to',
  'from',
  'subject',
  'reply-to',
  'cc',
  'bcc',
];

/** Twilio SendGrid, v3 Mail Send. */
export function createSendGrid({ http }: ProviderDeps): Provider {
  return {
    name: 'sendgrid',
    capabilities: {
      maxMessageBytes: 30_000_000,
      maxRecipients: 1000,
      maxTags: MAX_CATEGORIES,
      maxMetadataBytes: MAX_CUSTOM_ARGS_BYTES,
      customHeaders: true,
      attachments: true,
      inlineAttachments: true,
      multipleReplyTo: true,
      keepsMessageId: true,
      reservedHeaders: RESERVED_HEADERS,
    },
    credentials: { required: ['api_key'], optional: ['region', 'endpoint'] },
    checkSettings({ region }, { api_key: apiKey = '' }) {
      return [
        ...(region === undefined || Object.hasOwn(HOSTS, region)
          ? []
          : ['region must be global or eu for sendgrid']),
        // Anything else can't stand in a header, so it is no key of SendGrid's.
        ...(/^[!-~]+$/.test(apiKey) ? [] : ['api_key must be a SendGrid API key']),
      ];
    },
    async send(connection, message, signal) {
      const payload = toPayload(message);
      const call = { method: 'POST', path: '/v3/mail/send', body: payload } as const;
      const response = await callSendGrid(http, { connection, call }, signal);
      if (response.kind !== 'answer') return outcomeOfNoAnswer(response);
      return toOutcome(response, {
        now: new Date(),
        apiKey: apiKeyOf(connection),
        recipients: message.recipients,
        personalization: payload.personalizations[0],
      });
    },
    async verify(connection, signal) {
      const call = { method: 'GET', path: '/v3/scopes' } as const;
      const response = await callSendGrid(http, { connection, call }, signal);
      return response.kind === 'answer'
        ? judgeScopes(response, apiKeyOf(connection))
        : verificationOfNoAnswer(response);
    },
    webhooks: createSendGridWebhooks(http),
    close: () => Promise.resolve(),
  };
}

/** A key without `mail.send` is valid and yet useless to us. */
function judgeScopes(answer: ProviderAnswer, apiKey: string): VerificationResult {
  const { status } = answer;
  const words = describeErrors(answer, apiKey);
  if (status === 200) return judgeScopeList(scopesIn(answer.body));
  if (status === 401) {
    return { status: 'failed', message: `The API key is not valid here: ${words}` };
  }
  if (status === 403) {
    return { status: 'failed', message: `SendGrid refuses this API key: ${words}` };
  }
  if (status === 408 || status === 429 || status >= 500) {
    return { status: 'unreachable', message: `SendGrid can't answer now: ${words}` };
  }
  return { status: 'failed', message: `${NO_SENDGRID}: ${words}` };
}

const NO_SENDGRID = 'There is no SendGrid API at this address';

function judgeScopeList(scopes: readonly unknown[] | null): VerificationResult {
  if (scopes === null) return { status: 'failed', message: NO_SENDGRID };
  return scopes.includes('mail.send')
    ? { status: 'verified', message: 'API key is valid' }
    : { status: 'failed', message: 'The API key is valid but may not send: give it "Mail Send"' };
}

function scopesIn(body: string): readonly unknown[] | null {
  try {
    const parsed = JSON.parse(body) as { scopes?: unknown } | null;
    return Array.isArray(parsed?.scopes) ? parsed.scopes : null;
  } catch {
    return null;
  }
}
