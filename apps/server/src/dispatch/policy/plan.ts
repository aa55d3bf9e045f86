import type { ApiKeyMode, ConnectionStatus, ProviderName } from '@courierx/contract';
import type { Route, Step } from './route.ts';

/** What planning needs to know of a connection. */
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
  /** Which connections, and in what order. */
  readonly route: Route<C>;
  readonly mode: ApiKeyMode;
  /** Connections that were tried in this round. */
  readonly tried: ReadonlySet<string>;
  readonly now: Date;
};

/** Chooses the connection for one attempt: the first in order that can be used. */
export function planNext<C extends Candidate>(input: PlanInput<C>): Plan<C> {
  const trace = traceOfRule(input.route);
  const pauses: Date[] = [];
  for (const step of stepsOf(input)) {
    const candidate = step.connection;
    const obstacle = findObstacle(step, input);
    if (obstacle === null) {
      trace.push(`${candidate.displayName}: used`);
      return { next: candidate, trace, waitUntil: null, waitReason: null };
    }
    trace.push(`${candidate.displayName}: passed over, ${obstacle}`);
    if (isPaused(candidate, input.now) && isUsable(step)) pauses.push(candidate.pausedUntil);
  }
  return {
    next: null,
    trace,
    waitUntil: pauses.sort((a, b) => a.getTime() - b.getTime())[0] ?? null,
    waitReason: explainWait(input, trace),
  };
}

/** Every connection in the order it would be tried, with what keeps it from being used now. */
export function survey<C extends Candidate>(
  input: PlanInput<C>,
): { readonly step: Step<C>; readonly obstacle: string | null }[] {
  return stepsOf(input).map((step) => ({ step, obstacle: findObstacle(step, input) }));
}

/** Shares and turns are for a round's first attempt; after a failure the rest come in order. */
function stepsOf<C extends Candidate>({ route, tried }: PlanInput<C>): readonly Step<C>[] {
  return tried.size === 0 ? route.steps : route.fallbacks;
}

function traceOfRule({ rule }: Route<Candidate>): string[] {
  return rule ? [`Rule "${rule.name}": ${rule.strategy}`] : [];
}

function isUsable({ connection, misfit }: Step<Candidate>): boolean {
  return !connection.isDisabled && connection.status !== 'invalid' && misfit === null;
}

function isPaused<C extends Candidate>(
  candidate: C,
  now: Date,
): candidate is C & { pausedUntil: Date } {
  return candidate.pausedUntil !== null && candidate.pausedUntil > now;
}

function findObstacle(step: Step<Candidate>, input: PlanInput<Candidate>): string | null {
  const { connection: candidate, misfit } = step;
  if (candidate.isDisabled) return 'disabled';
  if (candidate.status === 'invalid') return 'the provider refuses its credentials';
  if (misfit) return `can't carry it: ${candidate.provider} ${misfit.limit} (${misfit.field})`;
  if (input.tried.has(candidate.id)) return 'tried just before';
  if (isPaused(candidate, input.now)) {
    const why = candidate.pauseReason ?? 'paused';
    return `${why}, until ${candidate.pausedUntil.toISOString()}`;
  }
  return null;
}

function explainWait({ mode, route }: PlanInput<Candidate>, trace: readonly string[]): string {
  if (route.steps.length > 0) return `No connection can take it now (${trace.join('; ')})`;
  return mode === 'test'
    ? 'No sandbox connection: mail sent with a test key waits until one is connected'
    : 'No provider connection: it goes out as soon as one is connected';
}
