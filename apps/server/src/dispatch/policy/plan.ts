import type { ApiKeyMode, ConnectionStatus, ProviderName } from '@courierx/contract';

/** What routing needs to know of a connection; given in the order they are to be tried. */
export type Candidate = {
  readonly id: string;
  readonly provider: ProviderName;
  readonly displayName: string;
  readonly status: ConnectionStatus;
  readonly isDisabled: boolean;
  readonly pausedUntil: Date | null;
  readonly pauseReason: string | null;
};

export type Plan<C extends Candidate> = {
  /** The connection to use now; null when there is none. */
  readonly next: C | null;
  /** One line a connection: why it is used, or passed over. */
  readonly trace: readonly string[];
  /** When a paused connection may be used again; null where no time will help. */
  readonly waitUntil: Date | null;
  /** Why nothing can take the mail now; null when `next` is set. */
  readonly waitReason: string | null;
};

export type PlanInput<C extends Candidate> = {
  readonly candidates: readonly C[];
  readonly mode: ApiKeyMode;
  /** Connections that were tried in this round. */
  readonly tried: ReadonlySet<string>;
  readonly now: Date;
};

/** Chooses the connection for one attempt: the first in order that can be used. */
export function planNext<C extends Candidate>(input: PlanInput<C>): Plan<C> {
  const trace: string[] = [];
  const pauses: Date[] = [];
  for (const candidate of inMode(input.candidates, input.mode)) {
    const obstacle = findObstacle(candidate, input);
    if (obstacle === null) {
      trace.push(`${candidate.displayName}: used`);
      return { next: candidate, trace, waitUntil: null, waitReason: null };
    }
    trace.push(`${candidate.displayName}: passed over, ${obstacle}`);
    if (isPaused(candidate, input.now) && isUsable(candidate)) pauses.push(candidate.pausedUntil);
  }
  return {
    next: null,
    trace,
    waitUntil: pauses.sort((a, b) => a.getTime() - b.getTime())[0] ?? null,
    waitReason: explainWait(input, trace),
  };
}

/**
 * Test mail only ever reaches the sandbox. Live mail reaches it only while it is all there is: a
 * sandbox kept beside real providers must not swallow mail when they are down.
 */
function inMode<C extends Candidate>(candidates: readonly C[], mode: ApiKeyMode): readonly C[] {
  const sandboxes = candidates.filter(({ provider }) => provider === 'sandbox');
  if (mode === 'test') return sandboxes;
  return sandboxes.length === candidates.length
    ? candidates
    : candidates.filter(({ provider }) => provider !== 'sandbox');
}

function isUsable(candidate: Candidate): boolean {
  return !candidate.isDisabled && candidate.status !== 'invalid';
}

function isPaused<C extends Candidate>(
  candidate: C,
  now: Date,
): candidate is C & { pausedUntil: Date } {
  return candidate.pausedUntil !== null && candidate.pausedUntil > now;
}

function findObstacle(candidate: Candidate, input: PlanInput<Candidate>): string | null {
  if (candidate.isDisabled) return 'disabled';
  if (candidate.status === 'invalid') return 'the provider refuses its credentials';
  if (input.tried.has(candidate.id)) return 'tried just before';
  if (isPaused(candidate, input.now)) {
    const why = candidate.pauseReason ?? 'paused';
    return `${why}, until ${candidate.pausedUntil.toISOString()}`;
  }
  return null;
}

function explainWait(input: PlanInput<Candidate>, trace: readonly string[]): string {
  if (trace.length > 0) return `No connection can take it now (${trace.join('; ')})`;
  return input.mode === 'test'
    ? 'No sandbox connection: mail sent with a test key waits until one is connected'
    : 'No provider connection: it goes out as soon as one is connected';
}
