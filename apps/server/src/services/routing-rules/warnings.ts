import type { RuleRow, MemberRow } from './rows.ts';

type Judged = Pick<RuleRow, 'strategy' | 'sandboxOnly'> & {
  readonly members: readonly Pick<
    MemberRow,
    'displayName' | 'provider' | 'status' | 'disabledAt' | 'weight' | 'failoverOnly'
  >[];
};

/** What keeps a rule, as things are now, from doing its work. Nothing of it is refused. */
export function warningsOf(rule: Judged): string[] {
  const { members, sandboxOnly } = rule;
  const takers = sandboxOnly ? members : members.filter(({ provider }) => provider !== 'sandbox');
  const beside = sandboxOnly ? [] : members.filter(({ provider }) => provider === 'sandbox');
  return [
    ...(sandboxOnly && members.length > 0 ? [SANDBOX_ONLY] : []),
    ...beside.map(({ displayName }) => `"${displayName}" is a sandbox: only test mail goes there`),
    ...(takers.length === 0 ? [EMPTY] : warningsOfUse(rule, takers)),
  ];
}

const EMPTY =
  'All its connections were deleted: it takes no mail, which goes by the next rule or by priority';
const SANDBOX_ONLY =
  'It names only sandboxes: live mail it takes is kept there and delivered to nobody';

function warningsOfUse({ strategy }: Judged, takers: Judged['members']): string[] {
  const usable = takers.filter((member) => whyUnusable(member) === null);
  if (usable.length === 0) {
    const why = takers.map((member) => `"${member.displayName}" ${whyUnusable(member) ?? ''}`);
    return [`Mail it takes has nowhere to go and waits: ${why.join('; ')}`];
  }
  const regular = takers.filter(({ failoverOnly }) => !failoverOnly);
  if (regular.length === 0) {
    return ['All its connections are failover_only: they are used in order of priority'];
  }
  const sharing = usable.filter(({ failoverOnly }) => !failoverOnly);
  if (sharing.length === 0) return ['Only its failover_only connections can be used now'];
  if (strategy !== 'weighted' || sharing.some(({ weight }) => weight > 0)) return [];
  return ['Only connections of weight 0 can be used now: they take its mail in order of priority'];
}

function whyUnusable({ status, disabledAt }: Judged['members'][number]): string | null {
  if (disabledAt !== null) return 'is disabled';
  return status === 'invalid' ? 'has credentials that its provider refuses' : null;
}
