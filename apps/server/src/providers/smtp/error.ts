import { BlockedAddressError } from '../../lib/outbound-guard.ts';
import { toDetail } from '../detail.ts';
import type { Failed, Rejected, RecipientFault, Unknown } from '../outcome.ts';
import { judgeReply, type Reply, type Stage } from './reply.ts';

/** How much of the message had been handed to the socket when something went wrong. */
export type Progress = {
  /** The server asked for the body and got some of it. */
  readonly isBodyStarted: boolean;
  /** All of it was handed over: the server may have the whole message. */
  readonly isBodyComplete: boolean;
};

export const NOTHING_SENT: Progress = { isBodyStarted: false, isBodyComplete: false };

/** A time limit of ours passed; the connection was closed. */
export class SmtpTimeoutError extends Error {
  readonly code = 'ETIMEDOUT';
}

/** The server and the settings do not fit together. */
export class SmtpMismatchError extends Error {
  readonly code = 'ERR_SMTP_MISMATCH';
}

/** What nodemailer's errors carry. */
type SmtpError = Error & {
  code?: string | undefined;
  command?: string | undefined;
  response?: string | undefined;
  responseCode?: number | undefined;
  originalCode?: string | undefined;
  recipient?: string | undefined;
  rejectedErrors?: readonly SmtpError[] | undefined;
};

const STAGES: readonly (readonly [RegExp, Stage])[] = [
  [/^AUTH/, 'auth'],
  [/^STARTTLS/, 'starttls'],
  [/^MAIL FROM/, 'mail'],
  [/^RCPT TO/, 'rcpt'],
];
const TLS_CODE =
  /^(ERR_TLS_|ERR_SSL_|ERR_OSSL|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO$)/;
/** Turns whatever ended a delivery early into an outcome; never throws. */
export function outcomeOfError(
  error: unknown,
  progress: Progress,
  secrets: readonly (string | undefined)[],
): Failed | Rejected | Unknown {
  const failure = toSmtpError(error);
  const detail = toDetail(failure.response ?? failure.message, secrets);
  if (failure.rejectedErrors && failure.rejectedErrors.length > 0) {
    return outcomeOfRecipients(failure, detail, secrets);
  }
  const reply = replyIn(failure, progress);
  if (reply) {
    const { kind, scope, reason, retryAfterMs } = judgeReply(reply);
    const base = { detail, statusCode: reply.code, reason };
    return kind === 'rejected'
      ? { ...base, kind, scope: scope === 'recipient' ? 'recipient' : 'message' }
      : { ...base, kind, scope, retryAfterMs };
  }
  return outcomeOfLoss(failure, progress, detail);
}

function toSmtpError(error: unknown): SmtpError {
  const part = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  return part instanceof Error ? part : new Error(String(part));
}

/** A definite answer of the server, if there is one. */
function replyIn(failure: SmtpError, progress: Progress): Reply | null {
  const { responseCode, response = '', command = '' } = failure;
  if (responseCode === undefined || responseCode < 400 || responseCode > 599) return null;
  const named = STAGES.find(([pattern]) => pattern.test(command))?.[1];
  const stage =
    named ?? (command === 'DATA' ? (progress.isBodyStarted ? 'message' : 'data') : null);
  return {
    stage: stage ?? (progress.isBodyStarted ? 'message' : 'connect'),
    code: responseCode,
    text: response.replace(/\s+/g, ' '),
  };
}

/** No answer: what matters is whether the server may have the whole message. */
function outcomeOfLoss(failure: SmtpError, progress: Progress, detail: string): Failed | Unknown {
  if (progress.isBodyComplete) {
    const isReply = failure.code === 'EMESSAGE' || failure.code === 'EPROTOCOL';
    const loss = failure.code === 'ETIMEDOUT' ? 'response_timeout' : 'connection_lost';
    const reason = isReply ? 'unreadable_response' : loss;
    return { kind: 'unknown', reason, detail, statusCode: null };
  }
  const { scope, reason } = judgeLoss(failure);
  return { kind: 'failed', scope, reason, detail, statusCode: null, retryAfterMs: null };
}

type Loss = Pick<Failed, 'scope' | 'reason'>;

/** Before any of a message was asked for, or all of it handed over. */
function judgeLoss(failure: SmtpError): Loss {
  if (failure instanceof BlockedAddressError) {
    return { scope: 'connection', reason: 'address_blocked' };
  }
  const code = failure.originalCode ?? failure.code ?? '';
  const known = LOSSES.find(([pattern]) => pattern.test(code))?.[1];
  if (known) return known;
  // A server that hangs up during the handshake may be ill; one that offers no TLS is not.
  return failure.code === 'ETLS' && !/closed unexpectedly/i.test(failure.message)
    ? { scope: 'connection', reason: 'tls_failed' }
    : { scope: 'provider', reason: 'connection_lost' };
}

const LOSSES: readonly (readonly [RegExp, Loss])[] = [
  [TLS_CODE, { scope: 'connection', reason: 'tls_failed' }],
  // What answers there does not speak SMTP, or offers no login.
  [/^(ERR_SMTP_MISMATCH|EPROTOCOL)$/, { scope: 'connection', reason: 'misconfigured' }],
  [/^EAUTH$/, { scope: 'connection', reason: 'auth_failed' }],
  // Larger than the SIZE the server announced.
  [/^EMESSAGE$/, { scope: 'message', reason: 'too_large' }],
  [/^(ENOTFOUND|EAI_[A-Z]+|ENODATA)$/, { scope: 'provider', reason: 'dns_failed' }],
  [
    /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL)$/,
    { scope: 'provider', reason: 'connect_failed' },
  ],
  [/^ETIMEDOUT$/, { scope: 'provider', reason: 'connect_timeout' }],
];

/** One refusal as a fault of its recipient; what blames connection or provider is not one. */
export function toRecipientFault(
  refusal: SmtpError,
  secrets: readonly (string | undefined)[],
): RecipientFault {
  const code = refusal.responseCode ?? 451;
  const text = (refusal.response ?? '').replace(/\s+/g, ' ');
  const verdict = judgeReply({ stage: 'rcpt', code, text });
  return {
    address: refusal.recipient ?? '',
    kind: verdict.kind === 'rejected' ? 'rejected' : 'deferred',
    reason: verdict.reason,
    detail: toDetail(refusal.response ?? refusal.message, secrets),
  };
}

/** Every recipient was refused; each may have its own reason. */
function outcomeOfRecipients(
  failure: SmtpError,
  detail: string,
  secrets: readonly (string | undefined)[],
): Failed | Rejected {
  const refusals = failure.rejectedErrors ?? [];
  const verdicts = refusals.map((refusal) =>
    judgeReply({
      stage: 'rcpt',
      code: refusal.responseCode ?? 451,
      text: (refusal.response ?? '').replace(/\s+/g, ' '),
    }),
  );
  const base = { detail, statusCode: failure.responseCode ?? null };
  const retryable = verdicts.filter(({ kind }) => kind === 'failed');
  const [worst] = retryable.toSorted((a, b) => weight(b.scope) - weight(a.scope));
  if (!worst) {
    const reason = verdicts[0]?.reason ?? 'invalid_recipient';
    return { ...base, kind: 'rejected', scope: 'recipient', reason };
  }
  const { scope, reason, retryAfterMs } = worst;
  const recipientFaults = refusals
    .map((refusal) => toRecipientFault(refusal, secrets))
    .filter(({ kind }) => kind === 'rejected');
  return { ...base, kind: 'failed', scope, reason, retryAfterMs, recipientFaults };
}

/** Faults of the connection say more than a recipient's greylisting beside them. */
function weight(scope: Failed['scope']): number {
  return scope === 'recipient' ? 0 : 1;
}
