import type { ProviderAnswer } from '../http.ts';
import { isRecord, parseJson } from '../json.ts';
import { isAnswerLost } from '../no-answer.ts';
import type { Accepted, FaultReason, FaultScope, Outcome } from '../outcome.ts';
import { retryAfterMsOf } from '../retry-after.ts';
import { describeAnswer } from './api.ts';

export type SendContext = {
  /** For a rate limit's end. */
  readonly now: Date;
  /** Never shown, even where an answer repeats it. */
  readonly apiKey: string;
  /** The addresses of the attempt. */
  readonly recipients: readonly string[];
};

/** What an answer to `POST /v3/<domain>/messages.mime` means. */
export function toOutcome(answer: ProviderAnswer, context: SendContext): Outcome {
  const { status } = answer;
  const detail = describeAnswer(answer, context.apiKey);
  const base = { detail, statusCode: status };
  if (status >= 200 && status < 300) return readAcceptance(answer, base);
  if (isAnswerLost(answer)) return { ...base, kind: 'unknown', reason: 'response_timeout' };
  const { isFinal, scope, reason } = judge(answer, detail);
  if (isFinal && scope === 'message') return { ...base, kind: 'rejected', scope, reason };
  // With several recipients Mailgun does not say which is bad: another provider may.
  if (isFinal && scope === 'recipient' && context.recipients.length === 1) {
    return { ...base, kind: 'rejected', scope, reason };
  }
  const retryAfterMs = reason === 'rate_limited' ? waitOf(answer, detail, context.now) : null;
  return { ...base, kind: 'failed', scope, reason, retryAfterMs };
}

/** `<20260101000000.1.AB@mg.example>` in answers, without brackets in events. */
export function toMessageId(id: string): string {
  return id.trim().replace(/^<|>$/g, '').slice(0, 255);
}

/** 200 alone says nothing: a wrong path gets it too, with a greeting. */
function readAcceptance(
  answer: ProviderAnswer,
  base: Pick<Accepted, 'detail' | 'statusCode'>,
): Outcome {
  const parsed = parseJson(answer.body);
  const { id, message } = isRecord(parsed) ? parsed : {};
  if (typeof id === 'string' && typeof message === 'string' && /^queued/i.test(message)) {
    const providerMessageId = toMessageId(id);
    return { ...base, kind: 'accepted', providerMessageId, recipientFaults: [], events: [] };
  }
  if (/mailgun magnificent api/i.test(answer.body.slice(0, 2_000))) {
    const detail = 'Mailgun answered with its greeting: the domain or the endpoint is wrong';
    return {
      ...base,
      kind: 'failed',
      scope: 'connection',
      reason: 'misconfigured',
      detail,
      retryAfterMs: null,
    };
  }
  return { ...base, kind: 'unknown', reason: 'unreadable_response' };
}

type Judgement = {
  readonly scope: FaultScope;
  readonly reason: FaultReason;
  /** No other provider is tried. */
  readonly isFinal?: true;
};

type Row = Judgement & { readonly status?: readonly number[]; readonly words?: RegExp };

/** In order; the first that fits. A 400 is often no fault of the request. */
const TABLE: readonly Row[] = [
  { status: [420, 429], scope: 'provider', reason: 'rate_limited' },
  {
    status: [400, 402, 403],
    words: /limit exceeded, try again after /i,
    scope: 'provider',
    reason: 'rate_limited',
  },
  {
    status: [400, 403],
    words: /not allowed to send.*\bunverified/i,
    scope: 'connection',
    reason: 'sender_not_verified',
  },
  {
    status: [400, 403],
    words: /not allowed to send.*\b(disabled|suspended|blocked)/i,
    scope: 'connection',
    reason: 'suspended',
  },
  {
    status: [400, 403],
    words: /not allowed to send/i,
    scope: 'connection',
    reason: 'not_permitted',
  },
  {
    status: [400],
    words: /not a valid secondary dkim/i,
    scope: 'connection',
    reason: 'misconfigured',
  },
  {
    status: [400],
    words: /\b(to|cc|bcc)'? parameter is not a valid address/i,
    scope: 'recipient',
    reason: 'invalid_recipient',
    isFinal: true,
  },
  { status: [401], scope: 'connection', reason: 'auth_failed' },
  { status: [402], scope: 'connection', reason: 'quota_exceeded' },
  { status: [403], scope: 'connection', reason: 'not_permitted' },
  { status: [408], scope: 'provider', reason: 'server_error' },
  { status: [413], scope: 'message', reason: 'too_large' },
];

function judge(answer: ProviderAnswer, detail: string): Judgement {
  const { status, body } = answer;
  const row = TABLE.find(
    (entry) => (entry.status?.includes(status) ?? true) && (entry.words?.test(detail) ?? true),
  );
  if (row) return row;
  if (status === 400) {
    const isMailguns = isRecord(parseJson(body));
    // Not Mailgun's own words: something in between refused, and another way may be open.
    return { scope: 'message', reason: 'invalid_message', ...(isMailguns && { isFinal: true }) };
  }
  // A redirect, a 404: there is no such domain in this region, or no Mailgun at this address.
  return status >= 500
    ? { scope: 'provider', reason: 'server_error' }
    : { scope: 'connection', reason: 'misconfigured' };
}

const DEFAULT_WAIT_SECONDS = '60';

/** The wait stands in the words, as a date or as seconds; a header is the exception. */
function waitOf({ headers }: ProviderAnswer, detail: string, now: Date): number {
  const after = /try again after (.+?)\.?$/i.exec(detail)?.[1];
  const told = after?.replace(/\s*seconds?$/i, '') ?? headers['retry-after'];
  const reset = /^(\d{9,11})(\.\d+)?$/.exec(headers['x-ratelimit-reset'] ?? '')?.[1];
  return retryAfterMsOf(
    {
      ...((told ?? reset) === undefined && { 'retry-after': DEFAULT_WAIT_SECONDS }),
      ...(told !== undefined && { 'retry-after': told }),
      ...(reset !== undefined && { 'x-ratelimit-reset': reset }),
    },
    now,
  );
}
