/** What a connection may send, by its owner's caps and its provider's word; null: no limit. */
export type Limits = {
  readonly maxPerSecond: number | null;
  readonly maxPerDay: number | null;
  readonly maxPerMonth: number | null;
  /** Mails a second, as the provider itself says. */
  readonly learnedPerSecond: number | null;
};

/** The provider's last refusal for speed, and what was found to be too fast then. */
export type Throttle = { readonly rate: number; readonly at: Date };

/** What counts for a mail about to be sent: mails a second, a day (UTC) and a month (UTC). */
export type Pace = {
  readonly perSecond: number | null;
  readonly perDay: number | null;
  readonly perMonth: number | null;
};

/** A provider's limit is used up to here: clocks and the network are never quite even. */
const SHARE_OF_LEARNED = 0.97;
/** After a refusal for speed. Where the limit is known, a refusal is a near miss. */
const LOWERED = { known: 0.9, unknown: 0.7 };
/** Of the rate that is gone back to, a second. */
const RAISE_PER_SECOND = 0.02;
/** Without a refusal for so long, a rate that was only guessed counts no more. */
const FORGET_MS = 10 * 60_000;
const MIN_RATE = 0.5;

function knownRate(limits: Limits): number | null {
  const { maxPerSecond, learnedPerSecond: learned } = limits;
  const rates = [maxPerSecond, learned === null ? null : learned * SHARE_OF_LEARNED];
  const set = rates.filter((rate) => rate !== null);
  return set.length === 0 ? null : Math.min(...set);
}

/** The pace a connection keeps now; null where it has none and mail pays nothing for it. */
export function paceOf(limits: Limits, throttle: Throttle | null, now: Date): Pace | null {
  const perSecond = currentRate(knownRate(limits), throttle, now);
  const { maxPerDay: perDay, maxPerMonth: perMonth } = limits;
  return perSecond === null && perDay === null && perMonth === null
    ? null
    : { perSecond, perDay, perMonth };
}

function currentRate(known: number | null, throttle: Throttle | null, now: Date): number | null {
  if (throttle === null) return known;
  const sinceMs = Math.max(0, now.getTime() - throttle.at.getTime());
  if (sinceMs > FORGET_MS) return known;
  const step = RAISE_PER_SECOND * (known ?? throttle.rate);
  const raised = throttle.rate + (step * sinceMs) / 1000;
  return known === null ? raised : Math.min(known, raised);
}

/** The rate to go on with after a refusal for speed; `observed`: mails sent in the last second. */
export function loweredRate(
  limits: Limits,
  options: { throttle: Throttle | null; observed: number; now: Date },
): number {
  const known = knownRate(limits);
  const current = currentRate(known, options.throttle, options.now);
  const factor = known === null ? LOWERED.unknown : LOWERED.known;
  return Math.max(MIN_RATE, (current ?? Math.max(1, options.observed)) * factor);
}

/** Tokens taken ahead are worth nothing after this. */
export const TOKEN_LIFE_MS = 250;
const AHEAD_MS = 50;

/** How many tokens to ask for when `waiting` mails want one: a few ahead where mails are many. */
export function tokensToTake(pace: Pace, waiting: number): number {
  // A day's or a month's are counted, and none is to be lost.
  if (pace.perDay !== null || pace.perMonth !== null || pace.perSecond === null) return waiting;
  return Math.max(waiting, Math.floor((pace.perSecond * AHEAD_MS) / 1000));
}

/**
 * More mails are called than there are tokens, since some will be late and no token is to lapse: twice
 * as many, and up to four times at low rates, where one that is late costs more than the call.
 */
function calledPerToken(perSecond: number): number {
  return 2 + Math.min(2, 50 / perSecond);
}

/** How often to look for those called. */
export function callEveryMs(perSecond: number | null): number {
  if (perSecond === null) return 1_000;
  return Math.min(1_000, Math.max(20, 1_000 / (calledPerToken(perSecond) * perSecond)));
}

const LONGEST_TURN_MS = 15 * 60_000;

/** The place at the end of one process's line for a connection. */
export type Turn = { readonly delayMs: number; readonly lineEndsAtMs: number };

/**
 * When a mail that got no token is to ask again: a line, so that a million waiting mails cost no
 * more than a few. `waitMs` is the time to the next token, `lineEndsAtMs` where the line ends.
 */
export function nextTurn(
  perSecond: number | null,
  line: { nowMs: number; waitMs: number; lineEndsAtMs: number },
): Turn {
  const stepMs = perSecond === null ? 1 : 1000 / (calledPerToken(perSecond) * perSecond);
  const first = line.nowMs + line.waitMs;
  const at = Math.max(first, line.lineEndsAtMs + stepMs);
  const latest = first + LONGEST_TURN_MS;
  return at > latest
    ? { delayMs: latest - line.nowMs, lineEndsAtMs: line.lineEndsAtMs }
    : { delayMs: at - line.nowMs, lineEndsAtMs: at };
}

/** Adapters name no shorter wait, nor another where the provider named none. */
const SHORTEST_NAMED_MS = 1_000;

/** How long a connection rests after a refusal for speed; a near miss of a known rate is forgiven. */
export function restMs(limits: Limits, retryAfterMs: number | null): number {
  if (retryAfterMs !== null && retryAfterMs > SHORTEST_NAMED_MS) return retryAfterMs;
  const known = knownRate(limits);
  return known === null ? SHORTEST_NAMED_MS : Math.min(SHORTEST_NAMED_MS, 2_000 / known);
}
