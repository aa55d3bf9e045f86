/** Waits between tries; with the tries themselves they make about a day. */
export type RetrySchedule = {
  readonly delaysMs: readonly number[];
  /** An endpoint that a delivery gave up on, and that has failed for so long, is disabled. */
  readonly disableAfterMs: number;
};

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

export const RETRY_SCHEDULE: RetrySchedule = {
  delaysMs: [
    ...[5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE],
    ...[HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 8 * HOUR],
  ],
  disableAfterMs: 18 * HOUR,
};

/** What an endpoint said to one try; `status` is null where it said nothing. */
export type Reply = {
  readonly status: number | null;
  /** The wait it asked for, with 429 or 503. */
  readonly retryAfterMs: number | null;
};

/** What becomes of a delivery after a try. */
export type Verdict =
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'retry'; readonly delayMs: number }
  /** Given up; `isGone`: the endpoint said that it is no more (410). */
  | { readonly kind: 'failed'; readonly isGone: boolean };

/** Longer waits than the schedule's longest are not granted: the event would be stale. */
const MAX_RETRY_AFTER_MS = 8 * HOUR;

/**
 * `tries` counts the one that was just made. Only 2xx is success: a redirect is not followed, since
 * it would lead round the checks of the URL. Each wait is varied by up to a fifth, so that crowds
 * part.
 */
export function judgeReply(
  reply: Reply,
  { tries, schedule, random }: { tries: number; schedule: RetrySchedule; random: () => number },
): Verdict {
  const { status, retryAfterMs } = reply;
  if (status !== null && status >= 200 && status < 300) return { kind: 'succeeded' };
  if (status === 410) return { kind: 'failed', isGone: true };
  const delayMs = schedule.delaysMs[tries - 1];
  if (delayMs === undefined) return { kind: 'failed', isGone: false };
  const varied = Math.round(delayMs * (0.8 + 0.4 * random()));
  const asked = Math.min(MAX_RETRY_AFTER_MS, retryAfterMs ?? 0);
  return { kind: 'retry', delayMs: Math.max(varied, asked) };
}
