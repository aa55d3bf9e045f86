import { toDetail } from '../detail.ts';
import type { ProviderAnswer } from '../http.ts';
import type { FaultReason, FaultScope, Outcome } from '../outcome.ts';
import { retryAfterMsOf } from '../retry-after.ts';

type SendGridError = { readonly message: string; readonly field: string | null };

/** What an answer to `POST /v3/mail/send` means. `now` is for the rate limit's reset time. */
export function toOutcome(
  answer: ProviderAnswer,
  { now, apiKey }: { now: Date; apiKey: string },
): Outcome {
  const { status, headers } = answer;
  const errors = readErrors(answer);
  const words = errors.map(({ field, message }) => (field ? `${field}: ${message}` : message));
  const detail = toDetail(words.join('; ') || `HTTP ${status}`, [apiKey]);
  const base = { detail, statusCode: status };
  if (status >= 200 && status < 300) {
    return {
      ...base,
      kind: 'accepted',
      detail: `HTTP ${status}`,
      providerMessageId: headers['x-message-id'] ?? null,
      recipientFaults: [],
      events: [],
    };
  }
  if (status === 400) return { ...base, kind: 'rejected', ...judgeRequest(errors) };
  const { scope, reason } = judgeStatus(status, detail);
  const retryAfterMs = reason === 'rate_limited' ? retryAfterMsOf(headers, now) : null;
  return { ...base, kind: 'failed', scope, reason, retryAfterMs };
}

/** A 413 comes from a proxy in front and is HTML: nothing is parsed that does not say it is JSON. */
export function readErrors({ headers, body }: ProviderAnswer): SendGridError[] {
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

/** A 400 is about this request: an address of it, or the message. */
function judgeRequest(errors: readonly SendGridError[]) {
  const isAddress = errors.some(
    ({ field, message }) =>
      /^personalizations\..*\b(to|cc|bcc)\b/.test(field ?? '') &&
      /valid (email )?address/i.test(message),
  );
  return isAddress
    ? { scope: 'recipient' as const, reason: 'invalid_recipient' as const }
    : { scope: 'message' as const, reason: 'invalid_message' as const };
}

type Judgement = { readonly scope: FaultScope; readonly reason: FaultReason };

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
  { status: 401, scope: 'connection', reason: 'auth_failed' },
  {
    status: 403,
    words: /verified sender identity/i,
    scope: 'connection',
    reason: 'sender_not_verified',
  },
  { status: 403, words: /suspended|frozen|banned/i, scope: 'connection', reason: 'suspended' },
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
