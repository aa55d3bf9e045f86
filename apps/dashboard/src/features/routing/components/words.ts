import type { RoutingRule, RoutingStrategy } from '@courierx/contract';

export const STRATEGIES: Readonly<
  Record<RoutingStrategy, { readonly title: string; readonly about: string }>
> = {
  priority: {
    title: 'In order',
    about: 'Always the first that can take the mail; the next when its attempt fails.',
  },
  weighted: {
    title: 'Shared by weight',
    about: 'Each takes its share of the mail; the others step in when an attempt fails.',
  },
  round_robin: {
    title: 'In turns',
    about: 'Each takes the same number of mails, one after the other.',
  },
  failover_only: {
    title: 'Failover only',
    about:
      'Always the first, even while other mail has trouble there; the next only when this very mail’s attempt fails.',
  },
};

/** What a rule asks of a mail, as "from yourapp.com". */
export function describeMatch({ match }: Pick<RoutingRule, 'match'>): readonly string[] {
  const { sender_domain: sender, recipient_domain: recipient, tag } = match;
  return [
    ...(sender === null ? [] : [`from @${sender}`]),
    ...(recipient === null ? [] : [`to @${recipient}`]),
    ...(tag === null ? [] : [`tag ${tag}`]),
  ];
}

/** How many parts a match has: the rule with the most of them takes a mail. */
export const partsOf = (rule: Pick<RoutingRule, 'match'>) => describeMatch(rule).length;

type Sharing = { readonly weight: number; readonly failover_only: boolean };

/** The share of each under a strategy, 0 to 1; null where mail is not shared out, or not to it. */
export function sharesOf(
  strategy: RoutingStrategy,
  members: readonly Sharing[],
): readonly (number | null)[] {
  if (strategy !== 'weighted' && strategy !== 'round_robin') return members.map(() => null);
  const weightOf = ({ weight }: Sharing) => (strategy === 'weighted' ? weight : 1);
  const sharing = members.filter(({ failover_only: isStandby }) => !isStandby);
  const total = sharing.reduce((sum, member) => sum + weightOf(member), 0);
  return members.map((member) => {
    if (member.failover_only) return null;
    return total === 0 ? 0 : weightOf(member) / total;
  });
}
