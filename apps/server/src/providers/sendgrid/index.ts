import type { ProviderAnswer } from '../http.ts';
import { outcomeOfNoAnswer, verificationOfNoAnswer } from '../no-answer.ts';
import type {
  Connection,
  ConnectionSettings,
  Provider,
  ProviderDeps,
  VerificationResult,
} from '../provider.ts';
import { customArgsFit, toPayload } from './payload.ts';
import { readErrors, toOutcome } from './response.ts';

const HOSTS: Readonly<Record<string, string>> = {
  global: 'https://api.sendgrid.com',
  eu: 'https://api.eu.sendgrid.com',
};

/** Twilio SendGrid, v3 Mail Send. */
export function createSendGrid({ http }: ProviderDeps): Provider {
  return {
    name: 'sendgrid',
    capabilities: {
      maxMessageBytes: 30_000_000,
      maxRecipients: 1000,
      maxTags: 10,
      maxMetadataBytes: 9_500,
      customHeaders: true,
      attachments: true,
      inlineAttachments: true,
      multipleReplyTo: true,
      keepsMessageId: false,
      reservedHeaders: ['x-sg-id', 'x-sg-eid', 'received', 'dkim-signature'],
    },
    credentials: { required: ['api_key'], optional: ['region', 'endpoint'] },
    checkSettings({ region }) {
      return region === undefined || region in HOSTS
        ? []
        : ['region must be global or eu for sendgrid'];
    },
    async send(connection, message, signal) {
      if (!customArgsFit(message)) {
        const detail = 'metadata is larger than the 10,000 bytes SendGrid carries';
        const fault = { scope: 'message', reason: 'too_large', retryAfterMs: null } as const;
        return { kind: 'failed', ...fault, detail, statusCode: null };
      }
      const response = await http.request(
        {
          method: 'POST',
          url: `${baseUrlOf(connection.settings)}/v3/mail/send`,
          headers: headersFor(connection),
          body: JSON.stringify(toPayload(message)),
        },
        signal,
      );
      if (response.kind !== 'answer') return outcomeOfNoAnswer(response);
      return toOutcome(response, { now: new Date(), apiKey: apiKeyOf(connection) });
    },
    async verify(connection, signal) {
      const url = `${baseUrlOf(connection.settings)}/v3/scopes`;
      const headers = headersFor(connection);
      const response = await http.request({ method: 'GET', url, headers }, signal);
      return response.kind === 'answer' ? judgeScopes(response) : verificationOfNoAnswer(response);
    },
    close: () => Promise.resolve(),
  };
}

function apiKeyOf(connection: Connection): string {
  return connection.secrets.api_key ?? '';
}

function baseUrlOf({ endpoint, region }: ConnectionSettings): string {
  return (endpoint ?? HOSTS[region ?? 'global'] ?? '').replace(/\/+$/, '');
}

function headersFor(connection: Connection): Record<string, string> {
  return {
    authorization: `Bearer ${apiKeyOf(connection)}`,
    'content-type': 'application/json',
    accept: 'application/json',
  };
}

/** A key without `mail.send` is valid and yet useless to us. */
function judgeScopes(answer: ProviderAnswer): VerificationResult {
  const { status } = answer;
  if (status === 200) {
    return scopesIn(answer.body).includes('mail.send')
      ? { status: 'verified', message: 'API key is valid' }
      : { status: 'failed', message: 'The API key is valid but may not send: give it "Mail Send"' };
  }
  const words = readErrors(answer)
    .map(({ message }) => message)
    .join('; ');
  if (status === 401) {
    return { status: 'failed', message: `The API key is not valid here (${words || 'HTTP 401'})` };
  }
  if (status === 403) {
    return { status: 'failed', message: `SendGrid refuses this API key (${words || 'HTTP 403'})` };
  }
  if (status === 429 || status >= 500) {
    return { status: 'unreachable', message: `SendGrid can't answer now (HTTP ${status})` };
  }
  return { status: 'failed', message: `There is no SendGrid API at this address (HTTP ${status})` };
}

function scopesIn(body: string): readonly unknown[] {
  try {
    const parsed = JSON.parse(body) as { scopes?: unknown } | null;
    return Array.isArray(parsed?.scopes) ? parsed.scopes : [];
  } catch {
    return [];
  }
}
