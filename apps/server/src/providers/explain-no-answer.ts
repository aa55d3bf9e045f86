import { errors } from 'undici';
import { NotConnectedError } from './connector.ts';

/** How far a request got that was not answered. */
export type NoAnswer = {
  /** `not_sent`: it certainly never reached the provider whole. `no_answer`: it may have. */
  readonly kind: 'not_sent' | 'no_answer';
  readonly reason:
    | 'dns_failed'
    | 'connect_failed'
    | 'connect_timeout'
    | 'tls_failed'
    | 'address_blocked'
    | 'response_timeout'
    | 'connection_lost'
    /** Something came back that is not HTTP. */
    | 'unreadable_response'
    /** The settings make no request that can be sent: a key with letters no header can hold. */
    | 'misconfigured';
  readonly detail: string;
};

type Reason = NoAnswer['reason'];

/** Why no connection came about, by Node's and OpenSSL's codes. */
const CONNECT_REASONS: readonly (readonly [RegExp, Reason])[] = [
  [/^ERR_ADDRESS_BLOCKED$/, 'address_blocked'],
  [/^(ENOTFOUND|EAI_[A-Z]+|ENODATA)$/, 'dns_failed'],
  [/^(UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT)$/, 'connect_timeout'],
  [
    /^(ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|EPROTO$)/,
    'tls_failed',
  ],
];

/** What came back, or did not, once the request was on its way. */
const ANSWER_REASONS: readonly (readonly [RegExp, Reason])[] = [
  [/^UND_ERR_(HEADERS_TIMEOUT|BODY_TIMEOUT)$/, 'response_timeout'],
  [/^(UND_ERR_HEADERS_OVERFLOW$|UND_ERR_RES_)/, 'unreadable_response'],
];

/**
 * How far a request got that was not answered. It was not sent where no connection came about, or
 * where the socket had not taken all of it. Anything else counts as "it may have arrived": a
 * socket that breaks says nothing of what the other side had read by then.
 */
export function explainNoAnswer(
  error: unknown,
  { isComplete, isTimeUp }: { isComplete: boolean; isTimeUp: boolean },
): NoAnswer {
  if (error instanceof NotConnectedError) {
    const { code, message } = describe(error.cause);
    const reason = findReason(CONNECT_REASONS, code) ?? 'connect_failed';
    return { kind: 'not_sent', reason, detail: message };
  }
  const { code, message } = describe(error);
  if (code === 'UND_ERR_INVALID_ARG') {
    return { kind: 'not_sent', reason: 'misconfigured', detail: message };
  }
  const reason = isTimeUp ? 'response_timeout' : reasonOf(error, code);
  return {
    kind: isComplete ? 'no_answer' : 'not_sent',
    reason: reason ?? 'connection_lost',
    detail: reason === 'response_timeout' ? 'no answer in time' : message,
  };
}

/** Not every parser error has a code. */
function reasonOf(error: unknown, code: string): Reason | null {
  if (error instanceof errors.HTTPParserError) return 'unreadable_response';
  return findReason(ANSWER_REASONS, code);
}

function findReason(table: readonly (readonly [RegExp, Reason])[], code: string): Reason | null {
  return table.find(([pattern]) => pattern.test(code))?.[1] ?? null;
}

/** With several addresses tried, the parts of the AggregateError hold the codes. */
function describe(error: unknown): { code: string; message: string } {
  const part = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  if (!(part instanceof Error)) return { code: '', message: String(part) };
  const code = 'code' in part && typeof part.code === 'string' ? part.code : '';
  const message = part.message === '' ? code : part.message;
  if (code === '' && part.cause instanceof Error) return describe(part.cause);
  return { code, message: message.slice(0, 300) };
}
