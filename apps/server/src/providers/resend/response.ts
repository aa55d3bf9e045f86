import { toDetail } from '../detail.ts';
import type { ProviderAnswer } from '../http.ts';
import type { Failed, FaultReason, FaultScope, Outcome, Rejected } from '../outcome.ts';
import { retryAfterMsOf } from '../retry-after.ts';
import { isRecord, parseJson } from '../json.ts';

/** What Resend says is wrong; `name` is empty where the answer is not in Resend's form. */
export type ResendError = { readonly name: string; readonly message: string };

export type SendContext = {
  readonly now: Date;
  /** Never shown, even where an answer repeats it. */
  readonly apiKey: string;
};

/** What an answer to `POST /emails` means. */
export function toOutcome(answer: ProviderAnswer, context: SendContext): Outcome {
  const { status } = answer;
  const detail = describeError(answer, context.apiKey);
  const base = { detail, statusCode: status };
  if (status >= 200 && status < 300) {
    const id = readId(answer.body);
    return id === null
      ? { ...base, kind: 'unknown', reason: 'unreadable_response' }
      : {
          ...base,
          kind: 'accepted',
          detail: `HTTP ${status}`,
          providerMessageId: id,
          recipientFaults: [],
          events: [],
        };
  }
  const error = readError(answer);
  if (error === null) return judgeStatus(base);
  const row = TABLE.find((entry) => fits(entry, status, error));
  if (!row) return judgeOther(base, error);
  const { outcome, wait } = row;
  if (outcome === 'unknown') return { ...base, kind: 'unknown', reason: row.reason };
  if (outcome === 'rejected') {
    return { ...base, kind: 'rejected', scope: row.scope, reason: row.reason };
  }
  const { scope, reason } = row;
  return {
    ...base,
    kind: 'failed',
    scope,
    reason,
    retryAfterMs: wait?.(answer, context.now) ?? null,
  };
}

/** The error of an answer on one line, or its status where it has none. */
export function describeError(answer: ProviderAnswer, apiKey: string): string {
  const error = readError(answer);
  const words = error === null ? '' : [error.name, error.message].filter(Boolean).join(': ');
  return toDetail(words || `HTTP ${answer.status}`, [apiKey]);
}

/** An answer that is not in Resend's form comes from what stands before it. */
export function readError({ body }: ProviderAnswer): ResendError | null {
  const parsed = parseJson(body);
  if (!isRecord(parsed) || typeof parsed['name'] !== 'string') return null;
  const { name, message } = parsed;
  return { name, message: typeof message === 'string' ? message : '' };
}

function readId(body: string): string | null {
  const parsed = parseJson(body);
  if (!isRecord(parsed)) return null;
  const { id } = parsed;
  return typeof id === 'string' && id !== '' ? id.slice(0, 255) : null;
}

type Wait = (answer: ProviderAnswer, now: Date) => number;
type Match = {
  readonly name?: readonly string[];
  readonly words?: RegExp;
  readonly status?: number;
};
type Row = Match &
  (
    | {
        readonly outcome: 'failed';
        readonly scope: FaultScope;
        readonly reason: FaultReason;
        readonly wait?: Wait;
      }
    | {
        readonly outcome: 'rejected';
        readonly scope: Rejected['scope'];
        readonly reason: FaultReason;
        readonly wait?: never;
      }
    | { readonly outcome: 'unknown'; readonly reason: FaultReason; readonly wait?: never }
  );

const failed = (scope: FaultScope, reason: FaultReason, wait?: Wait) =>
  ({ outcome: 'failed', scope, reason, ...(wait && { wait }) }) as const;

const waitForRate: Wait = ({ headers }, now) => {
  const { 'retry-after': after, 'ratelimit-reset': reset } = headers;
  return retryAfterMsOf({ 'retry-after': after ?? reset ?? '' }, now);
};

/** The daily quota begins anew at midnight UTC; asking once an hour until then is enough. */
const waitForDay: Wait = (_, now) => {
  const midnight = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + 1);
  return Math.min(HOUR_MS, midnight - now.getTime());
};
const HOUR_MS = 60 * 60_000;

/**
 * In order; the first that fits. The name says less than it seems to: a bad key is a
 * `validation_error` at 400 or 401, and a 429 has three meanings.
 */
const TABLE: readonly Row[] = [
  { words: /api key is invalid/i, ...failed('connection', 'auth_failed') },
  { name: ['missing_api_key', 'invalid_api_key'], ...failed('connection', 'auth_failed') },
  { name: ['suspended_api_key'], ...failed('connection', 'suspended') },
  { words: /not active/i, status: 403, ...failed('connection', 'auth_failed') },
  { words: /domain is not verified/i, ...failed('connection', 'sender_not_verified') },
  { words: /not authorized to send emails from/i, ...failed('connection', 'sender_not_verified') },
  { words: /only send testing emails/i, ...failed('connection', 'sender_not_verified') },
  { name: ['restricted_api_key', 'invalid_permission'], ...failed('connection', 'not_permitted') },
  { name: ['daily_quota_exceeded'], ...failed('connection', 'quota_exceeded', waitForDay) },
  {
    name: ['monthly_quota_exceeded'],
    ...failed('connection', 'quota_exceeded', () => HOUR_MS),
  },
  { name: ['rate_limit_exceeded'], ...failed('provider', 'rate_limited', waitForRate) },
  // The same request is under way: it may yet be taken.
  { name: ['concurrent_idempotent_requests'], outcome: 'unknown', reason: 'unreadable_response' },
  // Another body under this key came before, and may have been taken.
  { name: ['invalid_idempotent_request'], outcome: 'unknown', reason: 'unreadable_response' },
  { name: ['resource_locked'], ...failed('provider', 'server_error') },
  {
    name: ['application_error', 'internal_server_error', 'service_unavailable'],
    ...failed('provider', 'server_error'),
  },
  // Of a template, which we never send, or of the path.
  { name: ['not_found', 'method_not_allowed'], ...failed('connection', 'misconfigured') },
  { status: 413, ...failed('message', 'too_large') },
  // What Resend will not carry another may.
  { name: ['invalid_attachment'], ...failed('message', 'invalid_message') },
  { name: ['security_error'], ...failed('message', 'invalid_message') },
  {
    name: ['validation_error'],
    status: 422,
    words: /[`'"](to|cc|bcc)[`'"]/i,
    outcome: 'rejected',
    scope: 'recipient',
    reason: 'invalid_recipient',
  },
  ...[400, 422, 451].map(
    (status) =>
      ({ status, outcome: 'rejected', scope: 'message', reason: 'invalid_message' }) as const,
  ),
];

function fits({ name, words, status }: Match, actual: number, error: ResendError): boolean {
  if (status !== undefined && status !== actual) return false;
  if (name !== undefined && !name.includes(error.name)) return false;
  return words?.test(error.message) ?? true;
}

type Base = { readonly detail: string; readonly statusCode: number };

/** In Resend's form, with a name this version does not know. */
function judgeOther(base: Base, { name }: ResendError): Outcome {
  const { statusCode: status } = base;
  const again = { ...base, kind: 'failed', retryAfterMs: null } as const;
  if (status === 429) {
    return { ...again, scope: 'provider', reason: 'rate_limited', retryAfterMs: 1_000 };
  }
  if (status === 401) return { ...again, scope: 'connection', reason: 'auth_failed' };
  if (status === 403) return { ...again, scope: 'connection', reason: 'not_permitted' };
  if (status === 408 || status >= 500) {
    return { ...again, scope: 'provider', reason: 'server_error' };
  }
  return name === '' || status < 400
    ? { ...again, scope: 'connection', reason: 'misconfigured' }
    : { ...again, scope: 'message', reason: 'invalid_message' };
}

/**
 * Words of the network before Resend. A gateway that lost Resend's answer does not know whether the
 * mail was taken, and neither do we.
 */
function judgeStatus(base: Base): Failed | Outcome {
  const { statusCode: status } = base;
  const again = { ...base, kind: 'failed', retryAfterMs: null } as const;
  if (status >= 500) return { ...base, kind: 'unknown', reason: 'unreadable_response' };
  if (status === 429) {
    return { ...again, scope: 'provider', reason: 'rate_limited', retryAfterMs: 1_000 };
  }
  if (status === 408) return { ...again, scope: 'provider', reason: 'server_error' };
  if (status === 413) return { ...again, scope: 'message', reason: 'too_large' };
  if (status === 401) return { ...again, scope: 'connection', reason: 'auth_failed' };
  if (status === 403) return { ...again, scope: 'provider', reason: 'policy_blocked' };
  // A bare 400 or 422 is of something in between: another way may be open.
  if (status === 400 || status === 422) {
    return { ...again, scope: 'message', reason: 'invalid_message' };
  }
  return { ...again, scope: 'connection', reason: 'misconfigured' };
}
