import type { Outcome } from '../outcome.ts';
import type { Settlement } from '../settlement.ts';

const HOUR_MS = 60 * 60_000;
/** Resend keeps a key for 24 hours; one hour is left for clocks that differ. */
const REMEMBERED_MS = 23 * HOUR_MS;

export function isKeyRemembered(startedAt: Date, now: Date): boolean {
  return now.getTime() - startedAt.getTime() < REMEMBERED_MS;
}

const BUSY_MS = 5_000;
const AGAIN_MS = 30_000;

/**
 * What the same request under the same key, made again, says of the first one. Resend answers it
 * with the first answer where there was one, and else takes it now: both are "it left, once".
 */
export function toSettlement(outcome: Outcome): Settlement {
  const { detail } = outcome;
  if (outcome.kind === 'accepted') return { kind: 'accepted', outcome };
  // A definite no about the content: had the first request been taken, its answer had come back.
  if (outcome.kind === 'rejected') return { kind: 'not_sent', detail };
  if (outcome.kind === 'unknown') {
    if (detail.startsWith('invalid_idempotent_request')) return { kind: 'not_known', detail };
    return { kind: 'ask_again', afterMs: BUSY_MS, detail };
  }
  if (outcome.scope === 'message' || outcome.scope === 'recipient') {
    return { kind: 'not_sent', detail };
  }
  // Refused before the key was looked at: by a key, a quota or a limit that came since.
  if (outcome.scope === 'connection' && outcome.reason !== 'quota_exceeded') {
    return { kind: 'not_known', detail };
  }
  return { kind: 'ask_again', afterMs: outcome.retryAfterMs ?? AGAIN_MS, detail };
}
