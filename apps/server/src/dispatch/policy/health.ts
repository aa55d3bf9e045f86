import type { FaultReason, Outcome } from '../../providers/outcome.ts';

/** What an outcome means for the connection it came from. */
export type HealthEffect =
  | { readonly kind: 'none' }
  | { readonly kind: 'pause'; readonly delayMs: number; readonly reason: string }
  | { readonly kind: 'invalidate'; readonly message: string };

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const NONE: HealthEffect = { kind: 'none' };

/** Faults of the whole connection, with how long it is left alone. */
const PAUSES: Partial<Record<FaultReason, number>> = {
  rate_limited: SECOND,
  quota_exceeded: 15 * MINUTE,
  suspended: 15 * MINUTE,
  not_permitted: 5 * MINUTE,
  misconfigured: 5 * MINUTE,
  address_blocked: 5 * MINUTE,
  tls_failed: MINUTE,
};

/** How the reason of a pause begins that is a guess of ours: several faults in a row. */
export const DOUBTED = 'not working';

/** Faults in a row, without an answer between them, after which a provider is taken for down. */
const DOWN_AFTER = 5;
const DOWN_MS = 15 * SECOND;

/**
 * Only faults of the provider or of the connection count: a bad recipient or message says nothing
 * of their health. `faultsInARow` includes this one.
 */
export function healthEffect(outcome: Outcome, faultsInARow: number): HealthEffect {
  if (outcome.kind !== 'failed') return NONE;
  if (outcome.scope === 'recipient' || outcome.scope === 'message') return NONE;
  if (outcome.reason === 'auth_failed') return { kind: 'invalidate', message: outcome.detail };
  const words = outcome.reason.replaceAll('_', ' ');
  const pause = PAUSES[outcome.reason];
  if (pause !== undefined) {
    return { kind: 'pause', delayMs: Math.max(pause, outcome.retryAfterMs ?? 0), reason: words };
  }
  if (outcome.scope === 'provider' && faultsInARow >= DOWN_AFTER) {
    return { kind: 'pause', delayMs: DOWN_MS, reason: `${DOUBTED} (${words})` };
  }
  return NONE;
}

/** Whether an outcome counts as a provider's fault, ends a row of them, or says nothing. */
export function countsAs(outcome: Outcome): 'fault' | 'health' | 'nothing' {
  if (outcome.kind === 'unknown') return 'fault';
  if (outcome.kind === 'failed' && outcome.scope === 'provider') return 'fault';
  return outcome.kind === 'accepted' || outcome.kind === 'rejected' ? 'health' : 'nothing';
}
