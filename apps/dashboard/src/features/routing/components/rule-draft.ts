import type {
  CreateRoutingRuleRequest,
  ProviderName,
  RoutingRule,
  RoutingStrategy,
} from '@courierx/contract';
import { inPriority } from './rule-card.tsx';

export type DraftMember = {
  readonly id: string;
  readonly name: string;
  readonly provider: ProviderName;
  /** As typed. */
  readonly weight: string;
  readonly isStandby: boolean;
};

/** A rule while it is written. */
export type RuleDraft = {
  readonly name: string;
  readonly senderDomain: string;
  readonly recipientDomain: string;
  readonly tag: string;
  readonly strategy: RoutingStrategy;
  readonly members: readonly DraftMember[];
};

export const EMPTY_DRAFT: RuleDraft = {
  ...{ name: '', senderDomain: '', recipientDomain: '', tag: '' },
  ...{ strategy: 'priority', members: [] },
};

export function toDraft({ name, match, strategy, connections }: RoutingRule): RuleDraft {
  return {
    name,
    senderDomain: match.sender_domain ?? '',
    recipientDomain: match.recipient_domain ?? '',
    tag: match.tag ?? '',
    strategy,
    members: connections.toSorted(inPriority).map((member) => ({
      id: member.connection_id,
      name: member.display_name,
      provider: member.provider,
      weight: String(member.weight),
      isStandby: member.failover_only,
    })),
  };
}

/** As the API takes it; what is wrong with it says the server. The order of the members is theirs. */
export function toRequest(draft: RuleDraft): CreateRoutingRuleRequest {
  const orNull = (text: string) => (text.trim() === '' ? null : text.trim());
  return {
    name: draft.name,
    strategy: draft.strategy,
    match: {
      sender_domain: orNull(draft.senderDomain),
      recipient_domain: orNull(draft.recipientDomain),
      tag: orNull(draft.tag),
    },
    connections: draft.members.map(({ id, weight, isStandby }, index) => ({
      connection_id: id,
      priority: index + 1,
      weight: Number(weight),
      failover_only: isStandby,
    })),
  };
}
