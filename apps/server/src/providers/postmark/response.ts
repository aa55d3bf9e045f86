import { toDetail } from '../detail.ts';
import type { ProviderAnswer } from '../http.ts';
import { isRecord, parseJson } from '../json.ts';
import { isAnswerLost } from '../no-answer.ts';
import type { FaultReason, FaultScope, Outcome, RecipientFault } from '../outcome.ts';
import { retryAfterMsOf } from '../retry-after.ts';
import { describeAnswer, readError, type PostmarkError } from './api.ts';

export type SendContext = {
  /** For a rate limit's end. */
  readonly now: Date;
  /** Never shown, even where an answer repeats it. */
  readonly token: string;
  /** The addresses of the attempt, as outcomes are to name them. */
  readonly recipients: readonly string[];
};

type Base = { readonly detail: string; readonly statusCode: number };

/** What an answer to `POST /email` means. */
export function toOutcome(answer: ProviderAnswer, context: SendContext): Outcome {
  const { status } = answer;
  const error = readError(answer);
  const base = { detail: describeAnswer(answer, context.token), statusCode: status };
  if (status >= 200 && status < 300 && !(error?.code ?? 0)) {
    return readAcceptance(answer, base, context);
  }
  if (isAnswerLost(answer)) return { ...base, kind: 'unknown', reason: 'response_timeout' };
  if (error?.code === INACTIVE) return judgeInactive(error, base, context);
  if (error?.code === INVALID_REQUEST && ABOUT_RECIPIENT.test(error.message)) {
    return judgeAddress(error, base, context);
  }
  const { isFinal, scope, reason } = judge(answer, error);
  if (isFinal && scope === 'message') return { ...base, kind: 'rejected', scope, reason };
  const retryAfterMs =
    reason === 'rate_limited' ? retryAfterMsOf(answer.headers, context.now) : null;
  return { ...base, kind: 'failed', scope, reason, retryAfterMs };
}

/**
 * Three forms: `ErrorCode` 0; none where delivery may be delayed; 0 with a list of addresses it
 * leaves out because they bounced or complained before.
 */
function readAcceptance(answer: ProviderAnswer, base: Base, context: SendContext): Outcome {
  const parsed = parseJson(answer.body);
  const { MessageID: id, Message: message } = isRecord(parsed) ? parsed : {};
  if (typeof id !== 'string' || id === '') {
    return { ...base, kind: 'unknown', reason: 'unreadable_response' };
  }
  return {
    ...base,
    kind: 'accepted',
    providerMessageId: id.slice(0, 255),
    recipientFaults: toFaults(
      inactiveIn(typeof message === 'string' ? message : ''),
      context,
      base,
    ),
    events: [],
  };
}

/** The addresses Postmark says are inactive, in lower case. Its sentence has a line of its own. */
function inactiveIn(message: string): ReadonlySet<string> {
  const list = /inactive addresses:\s*([\s\S]*?)\.?\s*(?:Inactive recipients|$)/i.exec(
    message,
  )?.[1];
  const addresses = (list ?? '').split(',').map((address) => address.trim().toLowerCase());
  return new Set(addresses.filter((address) => address !== ''));
}

function toFaults(
  addresses: ReadonlySet<string>,
  { recipients }: SendContext,
  { detail }: Base,
): RecipientFault[] {
  return recipients
    .filter((recipient) => addresses.has(recipient.toLowerCase()))
    .map((address) => ({ address, kind: 'rejected', reason: 'invalid_recipient', detail }));
}

/**
 * Where all recipients are inactive nothing was sent. Where it names fewer, there are reports that
 * the others got the mail all the same, so it is not to be told.
 */
function judgeInactive({ message }: PostmarkError, base: Base, context: SendContext): Outcome {
  const refused = toFaults(inactiveIn(message), context, base).length;
  return refused === context.recipients.length || context.recipients.length === 1
    ? { ...base, kind: 'rejected', scope: 'recipient', reason: 'invalid_recipient' }
    : { ...base, kind: 'unknown', reason: 'unreadable_response' };
}

const ABOUT_RECIPIENT = /^(invalid|error parsing) '(to|cc|bcc)'/i;

/** One bad address stops the whole request; where it is named the others are free to go. */
function judgeAddress(error: PostmarkError, base: Base, context: SendContext): Outcome {
  const named = /address:? '([^']+)'/i.exec(error.message)?.[1]?.toLowerCase();
  const detail = toDetail(error.message, [context.token]);
  const faults = toFaults(new Set(named === undefined ? [] : [named]), context, {
    ...base,
    detail,
  });
  const fault = { ...base, scope: 'recipient', reason: 'invalid_recipient' } as const;
  return context.recipients.length === Math.max(1, faults.length)
    ? { ...fault, kind: 'rejected' }
    : { ...fault, kind: 'failed', retryAfterMs: null, recipientFaults: faults };
}

type Judgement = {
  readonly scope: FaultScope;
  readonly reason: FaultReason;
  /** No other provider is tried. */
  readonly isFinal?: true;
};

const INVALID_REQUEST = 300;
const INACTIVE = 406;

const connection = (reason: FaultReason): Judgement => ({ scope: 'connection', reason });
const provider = (reason: FaultReason): Judgement => ({ scope: 'provider', reason });
const FINAL: Judgement = { scope: 'message', reason: 'invalid_message', isFinal: true };
/** No for Postmark, but another provider may take it. */
const HERE_ONLY: Judgement = { scope: 'message', reason: 'invalid_message' };

/** By ErrorCode, which is no HTTP status, though some look like one. */
const BY_CODE: ReadonlyMap<number, Judgement> = new Map([
  [10, connection('auth_failed')],
  [100, provider('server_error')],
  [101, provider('server_error')],
  [INVALID_REQUEST, FINAL],
  [400, connection('sender_not_verified')],
  [401, connection('sender_not_verified')],
  [402, FINAL],
  [403, FINAL],
  [405, connection('quota_exceeded')],
  [410, FINAL],
  // A kind of file it never takes.
  [411, HERE_ONLY],
  // The account waits for approval: to its own domain only, or to nobody.
  [412, connection('not_permitted')],
  [413, connection('not_permitted')],
  [422, connection('misconfigured')],
  [429, provider('rate_limited')],
  [701, FINAL],
  // The message stream does not exist, or takes no mail out.
  [1235, connection('misconfigured')],
  [1236, connection('misconfigured')],
  // Our address is not among those allowed.
  [1480, connection('misconfigured')],
]);

const BY_STATUS: ReadonlyMap<number, Judgement> = new Map([
  [401, connection('auth_failed')],
  [408, provider('server_error')],
  [413, { scope: 'message', reason: 'too_large' }],
  [429, provider('rate_limited')],
]);

const UNKNOWN_SENDER = /\bfrom\b.*\b(signature|confirm|verified|domain)/i;

function judge({ status, headers }: ProviderAnswer, error: PostmarkError | null): Judgement {
  if (status === 413 || status === 429 || status >= 500) {
    return BY_STATUS.get(status) ?? provider('server_error');
  }
  if (error?.code === INVALID_REQUEST && UNKNOWN_SENDER.test(error.message)) {
    return connection('sender_not_verified');
  }
  const known = BY_CODE.get(error?.code ?? 0);
  if (known) return known;
  if (status === 403) {
    // Not Postmark itself but a filter of the network before it.
    const isFilter = /html/i.test(headers['content-type'] ?? '') || error === null;
    return isFilter ? provider('server_error') : connection('not_permitted');
  }
  if (status === 400 || status === 422 || (status >= 200 && status < 300)) return HERE_ONLY;
  return BY_STATUS.get(status) ?? connection('misconfigured');
}
