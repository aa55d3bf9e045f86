import type { ProviderAnswer } from '../http.ts';
import { isRecord, parseJson } from '../json.ts';
import type { FaultReason, FaultScope, Outcome } from '../outcome.ts';
import { isClockFault } from './api.ts';
import { describeError, readError, type AwsError } from './error.ts';

export type SendContext = {
  readonly recipientCount: number;
  /** Never shown, even where an answer repeats it. */
  readonly secret: string | undefined;
};

/** What an answer to `SendEmail` means. Its names say more than its statuses, and its words more. */
export function toOutcome(answer: ProviderAnswer, context: SendContext): Outcome {
  const { status } = answer;
  const base = { detail: describeError(answer, context.secret), statusCode: status };
  if (status >= 200 && status < 300) {
    const id = readMessageId(answer.body);
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
  // A gateway that lost the answer of SES does not know whether the mail was taken.
  if (status === 504 || (status >= 500 && error.name === '')) {
    return { ...base, kind: 'unknown', reason: 'unreadable_response' };
  }
  const { kind, scope, reason, waitMs } = judge(error, status);
  if (kind === 'rejected' && !isWorthAnother(scope, context)) {
    return { ...base, kind, scope, reason };
  }
  return { ...base, kind: 'failed', scope, reason, retryAfterMs: waitMs ?? null };
}

/** SES refuses all for one bad address and does not say which: another provider may. */
function isWorthAnother(scope: 'message' | 'recipient', { recipientCount }: SendContext): boolean {
  return scope === 'recipient' && recipientCount > 1;
}

function readMessageId(body: string): string | null {
  const parsed = parseJson(body);
  if (!isRecord(parsed)) return null;
  const { MessageId: id } = parsed;
  return typeof id === 'string' && id !== '' ? id.slice(0, 255) : null;
}

type Judgement =
  | {
      readonly kind: 'failed';
      readonly scope: FaultScope;
      readonly reason: FaultReason;
      readonly waitMs?: number;
    }
  | {
      readonly kind: 'rejected';
      readonly scope: 'message' | 'recipient';
      readonly reason: FaultReason;
      readonly waitMs?: never;
    };

const failed = (scope: FaultScope, reason: FaultReason, waitMs?: number): Judgement => ({
  kind: 'failed',
  scope,
  reason,
  ...(waitMs !== undefined && { waitMs }),
});
const rejected = (scope: 'message' | 'recipient', reason: FaultReason): Judgement => ({
  kind: 'rejected',
  scope,
  reason,
});

/** Amazon advises up to ten minutes between tries of a used-up quota. */
const QUOTA_WAIT_MS = 10 * 60_000;
const RATE_WAIT_MS = 1_000;

type Row = { readonly name?: RegExp; readonly words?: RegExp; readonly is: Judgement };

const BAD_ADDRESS =
  /missing final '@domain'|invalid email address|illegal address|^(local address|domain)\b.*\b(contains|starts|ends)\b/i;
const THROTTLED = /^(Throttling|TooManyRequests|LimitExceeded|SlowDown|RequestLimit)/;

/** In order; the first that fits. One exception has several meanings, so the words come first. */
const TABLE: readonly Row[] = [
  {
    words: /daily message quota exceeded/i,
    is: failed('connection', 'quota_exceeded', QUOTA_WAIT_MS),
  },
  { words: /maximum sending rate exceeded/i, is: failed('provider', 'rate_limited', RATE_WAIT_MS) },
  { name: /^LimitExceeded/, is: failed('connection', 'quota_exceeded', QUOTA_WAIT_MS) },
  {
    name: /^(TooManyRequests|SlowDown|RequestLimit)/,
    is: failed('provider', 'rate_limited', RATE_WAIT_MS),
  },
  // Without either text it is not this account that is too fast, but the region that is too busy.
  { name: THROTTLED, is: failed('provider', 'server_error') },
  { name: /^AccountSuspended/, is: failed('connection', 'suspended') },
  { name: /^SendingPaused/, is: failed('connection', 'suspended') },
  { name: /^MailFromDomainNotVerified/, is: failed('connection', 'sender_not_verified') },
  // The sender; or, as long as the account is in the sandbox, a recipient.
  {
    name: /^(MessageRejected|BadRequest)/,
    words: /not verified/i,
    is: failed('connection', 'sender_not_verified'),
  },
  { name: /^(NotFound|UnknownOperation)/, is: failed('connection', 'misconfigured') },
  {
    name: /^BadRequest/,
    words: /configuration set|tenant|endpoint id/i,
    is: failed('connection', 'misconfigured'),
  },
  {
    name: /^(AccessDenied|NotAuthorized|OptInRequired)/,
    is: failed('connection', 'not_permitted'),
  },
  {
    name: /^(UnrecognizedClient|InvalidClientTokenId|InvalidAccessKeyId|InvalidSignature|SignatureDoesNotMatch|IncompleteSignature|MissingAuthenticationToken|ExpiredToken)/,
    is: failed('connection', 'auth_failed'),
  },
  { name: /^RequestEntityTooLarge/, is: failed('message', 'too_large') },
  { words: /message (is )?too (long|large)|message length/i, is: failed('message', 'too_large') },
  {
    name: /^(BadRequest|MessageRejected|InvalidParameter)/,
    words: BAD_ADDRESS,
    is: rejected('recipient', 'invalid_recipient'),
  },
  // What Amazon will not carry another provider may.
  {
    name: /^(BadRequest|MessageRejected)/,
    words: /attachment|file (type|name|extension)/i,
    is: failed('message', 'invalid_message'),
  },
  {
    name: /^(BadRequest|MessageRejected|Validation|InvalidParameter|Serialization|Malformed)/,
    is: rejected('message', 'invalid_message'),
  },
  {
    name: /^(Internal|ServiceUnavailable|RequestTimeout|ConcurrentModification)/,
    is: failed('provider', 'server_error'),
  },
];

function judge(error: AwsError, status: number): Judgement {
  if (isClockFault(error)) return failed('connection', 'misconfigured');
  const row = TABLE.find(
    ({ name, words }) => (name?.test(error.name) ?? true) && (words?.test(error.message) ?? true),
  );
  return row?.is ?? judgeStatus(status);
}

/** With a name this version does not know, or from what stands before SES. */
function judgeStatus(status: number): Judgement {
  if (status === 429) return failed('provider', 'rate_limited', RATE_WAIT_MS);
  if (status === 408 || status >= 500) return failed('provider', 'server_error');
  if (status === 413) return failed('message', 'too_large');
  if (status === 400) return failed('message', 'invalid_message');
  if (status === 401 || status === 403) return failed('connection', 'not_permitted');
  return failed('connection', 'misconfigured');
}
