import type { ApiKeyMode, ProviderName, RoutingStrategy } from '@courierx/contract';
import type { Misfit } from '../../providers/carries.ts';
import { orderByTurn, orderByWeight, pointOfTurn } from './share.ts';

/** A routing rule of an account, as dispatch reads it. */
export type Rule = {
  readonly id: string;
  readonly name: string;
  readonly senderDomain: string | null;
  readonly recipientDomain: string | null;
  readonly tag: string | null;
  readonly strategy: RoutingStrategy;
  /** It was made for sandboxes alone: live mail goes there because it was said so. */
  readonly isSandboxOnly: boolean;
  /** Those that still exist, in the order of the caller's list. */
  readonly connections: readonly RuleConnection[];
};

export type RuleConnection = {
  readonly connectionId: string;
  readonly priority: number;
  readonly weight: number;
  readonly failoverOnly: boolean;
};

/** What rules look at in a mail. */
export type RoutedMail = {
  readonly mode: ApiKeyMode;
  readonly senderDomain: string;
  /** Of every recipient, to, cc and bcc alike; each domain once. */
  readonly recipientDomains: readonly string[];
  readonly tags: readonly string[];
};

type Routable = { readonly id: string; readonly provider: ProviderName };

/** A connection in its place. */
export type Step<C> = {
  readonly connection: C;
  readonly isFailoverOnly: boolean;
  /** Its part in the sum of all steps' weights; 0 where it has no share. */
  readonly weight: number;
  /** What of the mail it can't carry. */
  readonly misfit: Misfit | null;
  /** Tried although its health is doubted: only its own failure makes room for the others. */
  readonly isInsisted: boolean;
};

/** Where one mail may go, in order, whatever the connections' health. */
export type Route<C> = {
  readonly rule: Pick<Rule, 'id' | 'name' | 'strategy'> | null;
  /** For the first attempt of a round. */
  readonly steps: readonly Step<C>[];
  /** For the attempts after one that failed; the same steps. */
  readonly fallbacks: readonly Step<C>[];
};

export type RouteInput<C extends Routable> = {
  /** The account's connections by priority. */
  readonly connections: readonly C[];
  readonly mode: ApiKeyMode;
  readonly rule: Rule | null;
  /** The number of this mail among those that the rule deals out. */
  readonly turn: number;
  readonly findMisfit: (connection: C) => Misfit | null;
};

/**
 * The rule that a mail falls under: the one with the most parts that match, then the lowest
 * position. `rules` come in that order ({@link inSpecificOrder}).
 */
export function matchRule(
  rules: readonly Rule[],
  mail: RoutedMail,
  sandboxes: ReadonlySet<string>,
): Rule | null {
  return rules.find((rule) => whyNoMatch(rule, mail, sandboxes) === null) ?? null;
}

/** Most specific first; rules come by position. */
export function inSpecificOrder(rules: readonly Rule[]): Rule[] {
  return [...rules].sort((a, b) => specificity(b) - specificity(a));
}

function specificity({ senderDomain, recipientDomain, tag }: Rule): number {
  return [senderDomain, recipientDomain, tag].filter((part) => part !== null).length;
}

/** Why a rule does not take a mail; null where it does. `sandboxes`: ids of the account's. */
export function whyNoMatch(
  rule: Rule,
  mail: RoutedMail,
  sandboxes: ReadonlySet<string>,
): string | null {
  const { senderDomain, recipientDomain, tag } = rule;
  if (senderDomain !== null && senderDomain !== mail.senderDomain) {
    return `the sender's domain is not ${senderDomain}`;
  }
  const others = mail.recipientDomains.filter((domain) => domain !== recipientDomain);
  if (recipientDomain !== null && others.length > 0) {
    return `not every recipient is at ${recipientDomain}`;
  }
  if (tag !== null && !mail.tags.includes(tag)) return `it has no tag "${tag}"`;
  const isSandbox = ({ connectionId }: RuleConnection) => sandboxes.has(connectionId);
  if (mail.mode === 'test') {
    if (rule.connections.some(isSandbox)) return null;
    return 'it names no sandbox, and test mail goes nowhere else';
  }
  const takers = rule.isSandboxOnly
    ? rule.connections
    : rule.connections.filter((member) => !isSandbox(member));
  return takers.length > 0 ? null : 'all its connections were deleted';
}

/** Whether mails under this rule are numbered. */
export function isDealt(rule: Rule | null): boolean {
  return rule?.strategy === 'weighted' || rule?.strategy === 'round_robin';
}

/** The candidates of a mail in order. */
export function routeMail<C extends Routable>(input: RouteInput<C>): Route<C> {
  const { rule, mode, connections, findMisfit } = input;
  if (!rule) {
    const steps = inMode(connections, mode).map((connection) => ({
      connection,
      isFailoverOnly: false,
      weight: 0,
      misfit: findMisfit(connection),
      isInsisted: false,
    }));
    return { rule, steps, fallbacks: steps };
  }
  const members = membersOf(rule, input);
  const regular = members.filter(({ isFailoverOnly }) => !isFailoverOnly);
  const reserve = members.filter(({ isFailoverOnly }) => isFailoverOnly);
  const { first, next } = orderRegular(rule.strategy, regular, input.turn);
  const { id, name, strategy } = rule;
  return {
    rule: { id, name, strategy },
    steps: [...first, ...reserve],
    fallbacks: [...next, ...reserve],
  };
}

/** The rule's connections by priority. */
function membersOf<C extends Routable>(rule: Rule, input: RouteInput<C>): Step<C>[] {
  const byId = new Map(input.connections.map((connection) => [connection.id, connection]));
  const sorted = [...rule.connections].sort((a, b) => a.priority - b.priority);
  return sorted.flatMap(({ connectionId, weight, failoverOnly }) => {
    const connection = byId.get(connectionId);
    if (!connection || !isOfMode(connection, rule, input.mode)) return [];
    return {
      connection,
      isFailoverOnly: failoverOnly,
      weight: shareWeight(rule.strategy, { weight, failoverOnly }),
      misfit: input.findMisfit(connection),
      isInsisted: false,
    };
  });
}

/** Test mail only ever reaches sandboxes; live mail those of a rule made for nothing else. */
function isOfMode({ provider }: Routable, { isSandboxOnly }: Rule, mode: ApiKeyMode): boolean {
  return mode === 'test' ? provider === 'sandbox' : isSandboxOnly || provider !== 'sandbox';
}

function shareWeight(
  strategy: RoutingStrategy,
  { weight, failoverOnly }: Pick<RuleConnection, 'weight' | 'failoverOnly'>,
): number {
  if (failoverOnly) return 0;
  if (strategy === 'weighted') return weight;
  return strategy === 'round_robin' ? 1 : 0;
}

function orderRegular<C>(
  strategy: RoutingStrategy,
  regular: readonly Step<C>[],
  turn: number,
): { first: readonly Step<C>[]; next: readonly Step<C>[] } {
  switch (strategy) {
    case 'priority':
      return { first: regular, next: regular };
    case 'failover_only': {
      const insisted = regular.map((step, place) => ({ ...step, isInsisted: place === 0 }));
      return { first: insisted, next: insisted };
    }
    case 'weighted': {
      const weighed = regular.map((step) => ({ item: step, weight: step.weight }));
      return { first: orderByWeight(weighed, pointOfTurn(turn)), next: regular };
    }
    case 'round_robin': {
      const order = orderByTurn(regular, turn);
      return { first: order, next: order };
    }
  }
}

/** The same route, with what is known of each step's connection by now. */
export function withKnown<C>(route: Route<C>, know: (step: Step<C>) => C): Route<C> {
  const toKnown = (step: Step<C>): Step<C> => ({ ...step, connection: know(step) });
  const { rule, steps, fallbacks } = route;
  return { rule, steps: steps.map(toKnown), fallbacks: fallbacks.map(toKnown) };
}

/**
 * Test mail only ever reaches the sandbox. Live mail reaches it only while it is all there is: a
 * sandbox kept beside real providers must not swallow mail when they are down.
 */
function inMode<C extends Routable>(candidates: readonly C[], mode: ApiKeyMode): readonly C[] {
  const sandboxes = candidates.filter(({ provider }) => provider === 'sandbox');
  if (mode === 'test') return sandboxes;
  return sandboxes.length === candidates.length
    ? candidates
    : candidates.filter(({ provider }) => provider !== 'sandbox');
}
