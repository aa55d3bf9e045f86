import type { NoAnswer, ProviderAnswer } from './http.ts';
import type { Failed, Unknown } from './outcome.ts';
import type { VerificationResult } from './provider.ts';

/** Faults of the connection's own settings; the rest is the provider's or the network's. */
const OF_CONNECTION: readonly NoAnswer['reason'][] = [
  'tls_failed',
  'address_blocked',
  'misconfigured',
];

/** What a request without an answer comes to. */
export function outcomeOfNoAnswer(answer: NoAnswer): Failed | Unknown {
  const { kind, reason, detail } = answer;
  if (kind === 'no_answer') return { kind: 'unknown', reason, detail, statusCode: null };
  return {
    kind: 'failed',
    scope: OF_CONNECTION.includes(reason) ? 'connection' : 'provider',
    reason,
    detail,
    statusCode: null,
    retryAfterMs: null,
  };
}

/** A gateway passed the request on and got no answer in time: the mail may have been taken. */
export function isAnswerLost({ status }: Pick<ProviderAnswer, 'status'>): boolean {
  // 524 is Cloudflare's.
  return status === 504 || status === 524;
}

/** The same while verifying: settings that can never work are a no. */
export function verificationOfNoAnswer({ reason, detail }: NoAnswer): VerificationResult {
  const status = OF_CONNECTION.includes(reason) ? 'failed' : 'unreachable';
  return { status, message: `${reason.replaceAll('_', ' ')}: ${detail}` };
}
