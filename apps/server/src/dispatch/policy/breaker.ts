import type { ProviderName } from '@courierx/contract';
import type { FaultReason, Outcome } from '../../providers/outcome.ts';
import { EVERY_RECEIVER } from './receiver.ts';

/** Whether mail may go: all of it, none, or a few mails as probes. */
export type BreakerState = 'closed' | 'open' | 'half_open';

/** A breaker as the database keeps it for all workers. */
export type Breaker = {
  /** A receiver, or {@link EVERY_RECEIVER} for the whole connection. */
  readonly receiver: string;
  readonly state: BreakerState;
  readonly reason: string;
  /** Since when it is not closed; once closed, since when it is. */
  readonly since: Date;
  readonly openings: number;
  readonly nextProbeAt: Date;
};

/** What an outcome says of the connection it came from. */
export type Judgement =
  /** The provider did its work, were it only to refuse this mail or recipient. */
  | { readonly kind: 'healthy' }
  /** Nothing either way. */
  | { readonly kind: 'neutral' }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'throttled'; readonly retryAfterMs: number | null }
  | {
      readonly kind: 'fault';
      /** False: it may be about the mail's receiver alone. */
      readonly isWhole: boolean;
      /** Set where one such fault is enough: it lasts, and every mail would meet it. */
      readonly lastsMs: number | null;
      readonly reason: string;
    };

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** Faults that every mail would meet, with how long they last at least. */
const LASTING: Partial<Record<FaultReason, number>> = {
  quota_exceeded: 15 * MINUTE,
  suspended: 15 * MINUTE,
  not_permitted: 5 * MINUTE,
  misconfigured: 5 * MINUTE,
  address_blocked: 5 * MINUTE,
  tls_failed: MINUTE,
};

/** Whether a breaker stands for what the provider said of the whole connection, or for our guess. */
export function isDoubt({ reason }: Pick<Breaker, 'reason'>): boolean {
  return !(Object.keys(LASTING) as FaultReason[]).some(
    (lasting) => reason === lasting.replaceAll('_', ' '),
  );
}

/** What a relay may say because of the server behind it, or of the domain the mail is for. */
const OF_RECEIVER: readonly FaultReason[] = ['server_error', 'policy_blocked', 'not_permitted'];

/** A longer wait than this is no pacing any more: the connection is taken for down. */
const LONG_WAIT_MS = MINUTE;

/**
 * Only faults of the provider or of the connection count: a bad recipient or message says nothing
 * of their health, but that they are there to judge it.
 */
export function judge(outcome: Outcome, provider: ProviderName): Judgement {
  if (outcome.kind === 'accepted' || outcome.kind === 'rejected') return { kind: 'healthy' };
  const { reason } = outcome;
  const words = reason.replaceAll('_', ' ');
  if (outcome.kind === 'unknown') {
    return { kind: 'fault', isWhole: true, lastsMs: null, reason: words };
  }
  if (outcome.scope === 'recipient' || outcome.scope === 'message') return { kind: 'healthy' };
  if (reason === 'auth_failed') return { kind: 'refused', message: outcome.detail };
  if (reason === 'sender_not_verified') return { kind: 'neutral' };
  if (reason === 'rate_limited' && (outcome.retryAfterMs ?? 0) <= LONG_WAIT_MS) {
    return { kind: 'throttled', retryAfterMs: outcome.retryAfterMs };
  }
  if (provider === 'smtp' && OF_RECEIVER.includes(reason)) {
    return { kind: 'fault', isWhole: false, lastsMs: null, reason: words };
  }
  if (reason === 'policy_blocked') return { kind: 'neutral' };
  const lasts = reason === 'rate_limited' ? 0 : LASTING[reason];
  const lastsMs = lasts === undefined ? null : Math.max(lasts, outcome.retryAfterMs ?? 0);
  return { kind: 'fault', isWhole: true, lastsMs, reason: words };
}

/** One outcome on a breaker's record: whose mail it was, and whether it was a fault. */
export type Entry = {
  readonly atMs: number;
  readonly emailId: string;
  /** Null: no fault. {@link EVERY_RECEIVER}: of the whole connection; else of that receiver. */
  readonly fault: string | null;
};

/** The last outcomes, the newest last; empty while there was no fault lately. */
export type Tally = readonly Entry[];

const TALLY_LENGTH = 20;
const TALLY_MS = MINUTE;
/** Mails that met a fault in a row, without any other answer between them. */
const FAULTS_IN_A_ROW = 5;

/** The tally with one more outcome; it begins with a fault, so that healthy connections have none. */
export function addEntry(tally: Tally, entry: Entry): Tally {
  const recent = tally.filter(({ atMs }) => atMs > entry.atMs - TALLY_MS);
  const firstFault = recent.findIndex(({ fault }) => fault !== null);
  if (firstFault === -1 && entry.fault === null) return [];
  return [...(firstFault === -1 ? [] : recent), entry].slice(-TALLY_LENGTH);
}

/**
 * Whether these outcomes open the breaker: so many mails in a row, or half of the last twenty. One
 * mail alone never opens one, however often it is tried. For a whole connection, faults that may be
 * one receiver's own count only when they come from several.
 */
export function shouldOpen(tally: Tally): boolean {
  const counted = leaveOutSingleReceiver(tally);
  const lastGood = counted.findLastIndex(({ fault }) => fault === null);
  if (countMails(counted.slice(lastGood + 1)) >= FAULTS_IN_A_ROW) return true;
  const faults = counted.filter(({ fault }) => fault !== null);
  return (
    counted.length === TALLY_LENGTH &&
    faults.length * 2 >= counted.length &&
    countMails(faults) >= FAULTS_IN_A_ROW
  );
}

function countMails(entries: Tally): number {
  return new Set(entries.map(({ emailId }) => emailId)).size;
}

function leaveOutSingleReceiver(tally: Tally): Tally {
  const isOfReceiver = ({ fault }: Entry) => fault !== null && fault !== EVERY_RECEIVER;
  const receivers = new Set(tally.filter(isOfReceiver).map(({ fault }) => fault));
  return receivers.size === 1 ? tally.filter((entry) => !isOfReceiver(entry)) : tally;
}

/** The same for the breaker of one receiver, which only ever sees that receiver's outcomes. */
export function shouldOpenReceiver(tally: Tally): boolean {
  return shouldOpen(
    tally.map((entry) => (entry.fault === null ? entry : { ...entry, fault: EVERY_RECEIVER })),
  );
}

const BASE_OPEN_MS = 15 * SECOND;
const MAX_OPEN_MS = 10 * MINUTE;
/** Closed for longer than this, a breaker begins with a short opening again. */
const QUIET_MS = 10 * MINUTE;

export type Opening = { readonly openings: number; readonly openMs: number };

/**
 * How long it stays open: longer each time, and at least as long as the fault is known to last.
 * Chance has a share in it, so that connections that failed together are not probed together.
 */
export function nextOpening(
  before: Pick<Breaker, 'state' | 'since' | 'openings'> | null,
  options: { now: Date; lastsMs: number | null; random: () => number },
): Opening {
  const { now, lastsMs, random } = options;
  const isQuiet =
    before === null ||
    (before.state === 'closed' && now.getTime() - before.since.getTime() > QUIET_MS);
  const openings = isQuiet ? 1 : before.openings + 1;
  const grown = Math.min(MAX_OPEN_MS, BASE_OPEN_MS * 2 ** Math.min(openings - 1, 10));
  const chance = random();
  const openMs = Math.max(grown * (0.8 + 0.4 * chance), (lastsMs ?? 0) * (1 + 0.2 * chance));
  return { openings, openMs: Math.round(openMs) };
}

/** Real mails that may be under way as probes of one breaker, counted over all workers. */
export const PROBES_AT_ONCE = 3;
/** Probes the provider has to do its work for before all mail goes again. */
export const SUCCESSES_TO_CLOSE = 2;
