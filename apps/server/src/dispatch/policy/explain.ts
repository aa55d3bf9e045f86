import type { ApiKeyMode, ProviderName } from '@courierx/contract';
import type { Misfit } from '../../providers/carries.ts';
import { planNext, survey, type Candidate, type PlanInput } from './plan.ts';
import type { Route, Step } from './route.ts';

/** Where a mail would go now, and why each other connection is passed over. */
export type ExplainedPlan = {
  readonly connections: readonly ExplainedConnection[];
  /** Why nothing can take the mail now; null where something can. */
  readonly waits: string | null;
  readonly trace: readonly string[];
};

export type ExplainedConnection = {
  readonly id: string;
  readonly displayName: string;
  readonly provider: ProviderName;
  readonly isDisabled: boolean;
  /** False: whatever its state, mail like this never goes there. */
  readonly isCandidate: boolean;
  readonly isFailoverOnly: boolean;
  readonly misfit: Misfit | null;
  readonly decision: 'used' | 'passed over';
  readonly reason: string;
  /** Of mail like this, as things are now; null where mail is not shared out. */
  readonly share: number | null;
};

/** The plan of a first attempt in words: those of the route in its order, then the others. */
export function explainPlan<C extends Candidate>(
  input: PlanInput<C>,
  connections: readonly C[],
): ExplainedPlan {
  const { next, trace, waitReason } = planNext(input);
  const places = survey(input);
  const total = places
    .filter(({ obstacle }) => obstacle === null)
    .reduce((sum, { step }) => sum + step.weight, 0);
  const shares = places.some(({ step }) => step.weight > 0);
  const inRoute = places.map(({ step, obstacle }): ExplainedConnection => {
    const isUsed = next?.id === step.connection.id;
    const why = isUsed ? whyUsed(input.route) : (obstacle ?? whyBehind(step, next));
    const weight = obstacle === null && total > 0 ? step.weight / total : 0;
    return {
      ...describe(step.connection),
      isCandidate: true,
      isFailoverOnly: step.isFailoverOnly,
      misfit: step.misfit,
      decision: isUsed ? 'used' : 'passed over',
      reason: why,
      share: shares ? Math.round(weight * 10_000) / 10_000 : null,
    };
  });
  const known = new Set(inRoute.map(({ id }) => id));
  const others = connections.filter(({ id }) => !known.has(id));
  return {
    connections: [...inRoute, ...others.map((other) => toOutsider(other, input))],
    waits: waitReason,
    trace,
  };
}

function describe({ id, displayName, provider, isDisabled }: Candidate) {
  return { id, displayName, provider, isDisabled };
}

function whyUsed({ rule }: Route<Candidate>): string {
  switch (rule?.strategy) {
    case undefined:
      return 'the first by priority that can be used';
    case 'priority':
      return 'the first of the rule that can be used';
    case 'failover_only':
      return 'the first of the rule, as long as its attempts succeed';
    case 'weighted':
    case 'round_robin':
      return 'the turn of the next mail is its own';
  }
}

function whyBehind(step: Step<Candidate>, next: Candidate | null): string {
  const what = step.isFailoverOnly ? 'failover_only: tried' : 'tried';
  return next ? `${what} if the attempt by "${next.displayName}" fails` : 'behind the others';
}

function toOutsider(
  connection: Candidate,
  { route, mode }: { route: Route<Candidate>; mode: ApiKeyMode },
): ExplainedConnection {
  return {
    ...describe(connection),
    ...{ isCandidate: false, isFailoverOnly: false, misfit: null, share: null },
    decision: 'passed over',
    reason: whyOutside(connection, { route, mode }),
  };
}

function whyOutside(
  { provider }: Candidate,
  { route, mode }: { route: Route<Candidate>; mode: ApiKeyMode },
): string {
  if (mode === 'test' && provider !== 'sandbox') return 'test mail only goes to a sandbox';
  if (mode === 'live' && provider === 'sandbox' && route.rule === null) {
    return 'a sandbox: live mail goes there only while there is nothing else';
  }
  return `not for the mail of the rule "${route.rule?.name ?? ''}"`;
}
