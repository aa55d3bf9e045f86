import {
  ROUTING_LIMITS,
  type CreateRoutingRuleRequest,
  type RoutingMatch,
  type RoutingStrategy,
} from '@courierx/contract';
import { hasControlCharacter, parseDomain } from '../../lib/address.ts';
import { checkLine } from '../checked.ts';

/** A rule's match in the form it is stored and compared in. */
export type StoredMatch = {
  readonly senderDomain: string | null;
  readonly recipientDomain: string | null;
  readonly tag: string | null;
};

/** A rule's connection as it is stored. */
export type StoredMember = {
  readonly connectionId: string;
  readonly position: number;
  readonly priority: number;
  readonly weight: number;
  readonly failoverOnly: boolean;
};

type Inputs = Pick<
  Partial<CreateRoutingRuleRequest>,
  'name' | 'match' | 'strategy' | 'connections'
>;

/** Every fault that no schema can say and that takes no look at the account's connections. */
export function checkRule(given: Inputs): string[] {
  const { name, match, strategy, connections } = given;
  return [
    ...checkLine(name, 'Name'),
    ...(match ? checkMatch(match) : []),
    ...(connections ? checkMembers(connections, strategy) : []),
  ];
}

function checkMatch({ tag, ...domains }: RoutingMatch): string[] {
  const faults = (['sender_domain', 'recipient_domain'] as const).flatMap((field) => {
    const given = domains[field];
    if (given === undefined || given === null || toDomain(given) !== null) return [];
    return [`match.${field} must be a domain such as example.com: ${JSON.stringify(given)}`];
  });
  if (typeof tag !== 'string') return faults;
  if (tag.trim() === '') faults.push('match.tag is empty; leave it out to match every tag');
  else if (hasControlCharacter(tag) || !tag.isWellFormed()) {
    faults.push('match.tag must not contain control characters');
  }
  return faults;
}

function toDomain(text: string): string | null {
  return parseDomain(text.trim());
}

/** Sound ones only. */
export function toStoredMatch(match: RoutingMatch | null | undefined): StoredMatch {
  const { sender_domain: sender, recipient_domain: recipient, tag } = match ?? {};
  return {
    senderDomain: typeof sender === 'string' ? toDomain(sender) : null,
    recipientDomain: typeof recipient === 'string' ? toDomain(recipient) : null,
    tag: tag ?? null,
  };
}

type MembersInput = CreateRoutingRuleRequest['connections'];

function checkMembers(members: MembersInput, strategy: RoutingStrategy | undefined): string[] {
  if (members.length === 0) return ['connections must name at least one connection'];
  if (members.length > ROUTING_LIMITS.connections) {
    return [`connections has too many entries (maximum ${ROUTING_LIMITS.connections})`];
  }
  const ids = members.map((member) => member.connection_id.toLowerCase());
  const twice = ids.flatMap((id, index) =>
    ids.indexOf(id) < index ? [`connections[${index}].connection_id is given twice`] : [],
  );
  return [...twice, ...checkWeights(toStoredMembers(members), strategy)];
}

/** Weights of nothing share nothing. A rule of failover-only connections has no shares at all. */
export function checkWeights(
  members: readonly Pick<StoredMember, 'weight' | 'failoverOnly'>[],
  strategy: RoutingStrategy | undefined,
): string[] {
  if (strategy !== 'weighted') return [];
  const sharing = members.filter(({ failoverOnly }) => !failoverOnly);
  if (sharing.length === 0 || sharing.some(({ weight }) => weight > 0)) return [];
  const places = members.flatMap(({ failoverOnly }, index) => (failoverOnly ? [] : [index]));
  return places.map(
    (index) => `connections[${index}].weight must be above 0 for at least one connection`,
  );
}

/** What is left out is filled in, so that a rule shows what it does. */
export function toStoredMembers(members: MembersInput): StoredMember[] {
  return members.map((member, index) => ({
    connectionId: member.connection_id.toLowerCase(),
    position: index,
    priority: member.priority ?? index + 1,
    weight: member.weight ?? 1,
    failoverOnly: member.failover_only ?? false,
  }));
}
