import type { ConnectionStatus, ProviderName } from '@courierx/contract';
import type { Kysely, Selectable } from 'kysely';
import type { RoutingRulesTable, Tables } from '../../db/types.ts';
import { isId } from '../../lib/ids.ts';
import { notFound } from '../service-error.ts';
import type { StoredMember } from './check.ts';

/** A connection a rule names, with how it is. */
export type MemberRow = StoredMember & {
  readonly ruleId: string;
  readonly displayName: string;
  readonly provider: ProviderName;
  readonly status: ConnectionStatus;
  readonly disabledAt: Date | null;
};

/** A rule with those of its connections that still exist, in the order they were given. */
export type RuleRow = Selectable<RoutingRulesTable> & { readonly members: readonly MemberRow[] };

/** Throws `not_found` also for another account's. */
export async function findRule(
  kysely: Kysely<Tables>,
  accountId: string,
  id: string,
): Promise<RuleRow> {
  if (!isId(id)) throw notFound();
  const row = await kysely
    .selectFrom('routingRules')
    .selectAll()
    .where('accountId', '=', accountId)
    .where('id', '=', id)
    .executeTakeFirst();
  if (!row) throw notFound();
  return { ...row, members: await loadMembers(kysely, accountId, [id]) };
}

export async function loadMembers(
  kysely: Kysely<Tables>,
  accountId: string,
  ruleIds: readonly string[],
): Promise<MemberRow[]> {
  if (ruleIds.length === 0) return [];
  return kysely
    .selectFrom('routingRuleConnections as members')
    .innerJoin('connections', (join) =>
      join
        .onRef('connections.accountId', '=', 'members.accountId')
        .onRef('connections.id', '=', 'members.connectionId'),
    )
    .select([
      'members.ruleId',
      'members.connectionId',
      'members.position',
      'members.priority',
      'members.weight',
      'members.failoverOnly',
      'connections.displayName',
      'connections.provider',
      'connections.status',
      'connections.disabledAt',
    ])
    .where('members.accountId', '=', accountId)
    .where('members.ruleId', 'in', ruleIds)
    .orderBy('members.position')
    .execute();
}
