import { toDetail } from '../detail.ts';
import type { ProviderAnswer } from '../http.ts';
import { isAnswerLost } from '../no-answer.ts';
import type {
  Failed,
  FaultReason,
  FaultScope,
  Outcome,
  RecipientFault,
  Rejected,
} from '../outcome.ts';
import { retryAfterMsOf } from '../retry-after.ts';
import type { SendGridPayload } from './payload.ts';

type SendGridError = { readonly message: string; readonly field: string | null };

export type SendContext = {
  /** For a rate limit's reset time. */
  readonly now: Date;
  /** Never shown, even where an answer repeats it. */
  readonly apiKey: string;
  /** The addresses of the attempt, as outcomes are to name them. */
  readonly recipients: readonly string[];
  /** What was sent: a refusal names an address by its place in here. */
  readonly personalization: SendGridPayload['personalizations'][0];
};

/** What an answer to `POST /v3/mail/send` means. */
export function toOutcome(answer: ProviderAnswer, context: SendContext): Outcome {
  const { status, headers } = answer;
  const detail = describeErrors(answer, context.apiKey);
  const base = { detail, statusCode: status };
  if (status >= 200 && status < 300) {
    return {
      ...base,
      kind: 'accepted',
      detail: `HTTP ${status}`,
      providerMessageId: headers['x-message-id']?.slice(0, 255) ?? null,
      recipientFaults: [],
      events: [],
    };
  }
  if (isAnswerLost(answer)) return { ...base, kind: 'unknown', reason: 'response_timeout' };
  if (status === 400) return judgeRequest(readErrors(answer), { ...context, base });
  const { scope, reason } = judgeStatus(status, detail);
  const retryAfterMs = reason === 'rate_limited' ? retryAfterMsOf(headers, context.now) : null;
  return { ...base, kind: 'failed', scope, reason, retryAfterMs };
}

/** The errors of an answer on one line, or its status where it has none. */
export function describeErrors(answer: ProviderAnswer, apiKey: string): string {
  const words = readErrors(answer).map(({ field, message }) =>
    field ? `${field}: ${message}` : message,
  );
  return toDetail(words.join('; ') || `HTTP ${answer.status}`, [apiKey]);
}

/** A 413 comes from a proxy in front and is HTML: nothing is parsed that does not say it is JSON. */
function readErrors({ headers, body }: ProviderAnswer): SendGridError[] {
  if (!/json/i.test(headers['content-type'] ?? '')) return [];
  try {
    const parsed = JSON.parse(body) as { errors?: unknown } | null;
    if (!Array.isArray(parsed?.errors)) return [];
    return (parsed.errors as (Partial<SendGridError> | null)[]).map((error) => ({
      message: typeof error?.message === 'string' ? error.message : '',
      field: typeof error?.field === 'string' ? error.field : null,
    }));
  } catch {
    return [];
  }
}

/**
 * A 400 is about this request: addresses of it, or the message. SendGrid refuses all for the sake
 * of one bad address, so the others are free for another attempt.
 */
function judgeRequest(
  errors: readonly SendGridError[],
  context: SendContext & { base: { detail: string; statusCode: number } },
): Failed | Rejected {
  const { base, recipients } = context;
  const again = { ...base, kind: 'failed', retryAfterMs: null } as const;
  if (errors.length === 0) {
    // Not SendGrid's own words: something in between refused, and another way may be open.
    return { ...again, scope: 'message', reason: 'invalid_message' };
  }
  if (!errors.every(isAboutAddress)) {
    return { ...base, kind: 'rejected', scope: 'message', reason: 'invalid_message' };
  }
  const recipientFaults = errors.flatMap((error) => toRecipientFaults(error, context));
  const refused = new Set(recipientFaults.map(({ address }) => address));
  if (refused.size === 0 || recipients.every((recipient) => refused.has(recipient))) {
    return { ...base, kind: 'rejected', scope: 'recipient', reason: 'invalid_recipient' };
  }
  return { ...again, scope: 'recipient', reason: 'invalid_recipient', recipientFaults };
}

const ADDRESS_FIELD = /^personalizations\.\d+\.(to|cc|bcc)\.(\d+)\b/;

function isAboutAddress({ field, message }: SendGridError): boolean {
  return (
    /^personalizations\..*\b(to|cc|bcc)\b/.test(field ?? '') && /valid.*address/i.test(message)
  );
}

function toRecipientFaults(error: SendGridError, context: SendContext): RecipientFault[] {
  const [, list, position] = ADDRESS_FIELD.exec(error.field ?? '') ?? [];
  const boxes = context.personalization[list as 'to' | 'cc' | 'bcc'] ?? [];
  const named = boxes[Number(position)]?.email.toLowerCase();
  const detail = toDetail(error.message, [context.apiKey]);
  return context.recipients
    .filter((recipient) => recipient.toLowerCase() === named)
    .map((address) => ({ address, kind: 'rejected', reason: 'invalid_recipient', detail }));
}

type Judgement = { readonly scope: FaultScope; readonly reason: FaultReason };

const SUSPENDED = /suspended|frozen|banned|under review|deactivated/i;

/** In order; the first that fits. A 401 is not always a bad key: spent credits are one too. */
const TABLE: readonly (Judgement & { status: number; words?: RegExp })[] = [
  {
    status: 401,
    words: /maximum credits exceeded|messaging limits/i,
    scope: 'connection',
    reason: 'quota_exceeded',
  },
  { status: 401, words: /not authorized/i, scope: 'connection', reason: 'not_permitted' },
  {
    status: 401,
    words: /ip address is not whitelisted/i,
    scope: 'connection',
    reason: 'misconfigured',
  },
  { status: 401, words: SUSPENDED, scope: 'connection', reason: 'suspended' },
  { status: 401, scope: 'connection', reason: 'auth_failed' },
  {
    status: 403,
    words: /verified sender identity/i,
    scope: 'connection',
    reason: 'sender_not_verified',
  },
  { status: 403, words: SUSPENDED, scope: 'connection', reason: 'suspended' },
  { status: 403, scope: 'connection', reason: 'not_permitted' },
  { status: 408, scope: 'provider', reason: 'server_error' },
  { status: 413, scope: 'message', reason: 'too_large' },
  { status: 429, scope: 'provider', reason: 'rate_limited' },
];

function judgeStatus(status: number, detail: string): Judgement {
  const row = TABLE.find((entry) => entry.status === status && (entry.words?.test(detail) ?? true));
  if (row) return { scope: row.scope, reason: row.reason };
  // A redirect, a 404, a 405: there is no SendGrid at this address.
  return status >= 500
    ? { scope: 'provider', reason: 'server_error' }
    : { scope: 'connection', reason: 'misconfigured' };
}
