import type { OnUnknown } from '@courierx/contract';
import type { Outcome, Unknown } from '../../providers/outcome.ts';
import type { Settlement } from '../../providers/settlement.ts';

/** Where no copy is to be held back for it, the provider is asked no longer than this. */
export const SETTLE_WINDOW_MS = 30_000;
const MIN_ASK_MS = 1_000;
const MAX_ASK_MS = 5 * 60_000;

export type Settled = {
  readonly outcome: Outcome;
  /** Set where the provider is to be asked again before the policy decides. */
  readonly askAgainMs: number | null;
};

/** What is known of an attempt in doubt, now that its provider was asked; null: it has no means. */
export function applySettlement(
  unknown: Unknown,
  settlement: Settlement | null,
  { onUnknown, ageMs }: { onUnknown: OnUnknown; ageMs: number },
): Settled {
  switch (settlement?.kind) {
    case 'accepted': {
      const { outcome } = settlement;
      return { outcome: { ...outcome, detail: note(outcome.detail) }, askAgainMs: null };
    }
    case 'not_sent':
      return { outcome: toFailed(unknown, settlement.detail), askAgainMs: null };
    case 'ask_again':
      return {
        outcome: unknown,
        askAgainMs: askAgainMs(settlement.afterMs, { onUnknown, ageMs }),
      };
    case 'not_known':
    case undefined:
      return { outcome: unknown, askAgainMs: null };
  }
}

function note(detail: string): string {
  return `settled: ${detail}`;
}

function toFailed({ reason, statusCode }: Unknown, detail: string): Outcome {
  return {
    kind: 'failed',
    scope: 'provider',
    reason,
    detail: note(`not sent, ${detail}`),
    statusCode,
    retryAfterMs: null,
  };
}

/** A held mail is asked about until its deadline, ever more rarely. */
function askAgainMs(
  afterMs: number,
  { onUnknown, ageMs }: { onUnknown: OnUnknown; ageMs: number },
): number | null {
  const wait = Math.max(MIN_ASK_MS, afterMs);
  if (onUnknown === 'hold') return Math.min(MAX_ASK_MS, Math.max(wait, ageMs / 4));
  return ageMs + wait < SETTLE_WINDOW_MS ? wait : null;
}
