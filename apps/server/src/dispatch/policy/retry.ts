import { backoffMs } from '../../lib/backoff.ts';

const BASE_MS = 5_000;
const MAX_MS = 15 * 60_000;
/** A wait a provider asks for is believed up to this. */
const MAX_RETRY_AFTER_MS = 60 * 60_000;

export type RetryInput = {
  /** Rounds over all connections that came to nothing before this one. */
  readonly rounds: number;
  /** The waits the providers of this round asked for, where each of them asked for one. */
  readonly retryAfterMs: readonly (number | null)[];
  readonly random: () => number;
};

/** The wait before the next round: backoff, or longer where every provider asked for longer. */
export function retryDelayMs({ rounds, retryAfterMs, random }: RetryInput): number {
  const delay = backoffMs(rounds, { baseMs: BASE_MS, maxMs: MAX_MS, random });
  const soonest = Math.min(...retryAfterMs.map((wait) => wait ?? 0), MAX_RETRY_AFTER_MS);
  return retryAfterMs.length === 0 ? delay : Math.max(delay, soonest);
}
