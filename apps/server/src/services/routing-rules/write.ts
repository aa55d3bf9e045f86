import type { Transaction } from 'kysely';
import type { Tables } from '../../db/types.ts';
import { isId } from '../../lib/ids.ts';
import { unauthorized } from '../service-error.ts';
import type { StoredMatch, StoredMember } from './check.ts';

/**
 * Rules of one account are changed one after the other: there is one default, and a count that is
 * read stays true. Mail and connections are not held up by it.
 */
export async function lockRules(
  transaction: Transaction<Tables>,
  accountId: string,
): Promise<void> {
  const account = await transaction
    .selectFrom('accounts')
    .select('id')
    .where('id', '=', accountId)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (!account) throw unauthorized();
}

/** Whether all of them are sandboxes; with a fault for each that is not the account's. */
export async function checkOwned(
  transaction: Transaction<Tables>,
  accountId: string,
  members: readonly StoredMember[],
): Promise<{ faults: string[]; sandboxOnly: boolean }> {
  const ids = members.map(({ connectionId }) => connectionId).filter(isId);
  const rows =
    ids.length === 0
      ? []
      : await transaction
          .selectFrom('connections')
          .select(['id', 'provider'])
          .where('accountId', '=', accountId)
          .where('id', 'in', ids)
          // Not deleted before the rule is stored.
          .forKeyShare()
          .execute();
  const providers = new Map(rows.map(({ id, provider }) => [id, provider]));
  const faults = members.flatMap(({ connectionId }, index) =>
    providers.has(connectionId)
      ? []
      : [`connections[${index}].connection_id is not one of your provider connections`],
  );
  return { faults, sandboxOnly: rows.every(({ provider }) => provider === 'sandbox') };
}

/** A fault where another rule in use is the default already. */
export async function checkDefault(
  transaction: Transaction<Tables>,
  accountId: string,
  rule: StoredMatch & { id: string; isEnabled: boolean },
): Promise<string[]> {
  const { senderDomain, recipientDomain, tag } = rule;
  const isDefault = senderDomain === null && recipientDomain === null && tag === null;
  if (!rule.isEnabled || !isDefault) return [];
  const other = await transaction
    .selectFrom('routingRules')
    .select('name')
    .where('accountId', '=', accountId)
    .where('id', '!=', rule.id)
    .where('disabledAt', 'is', null)
    .where('senderDomain', 'is', null)
    .where('recipientDomain', 'is', null)
    .where('tag', 'is', null)
    .executeTakeFirst();
  if (!other) return [];
  return [`match is empty, and "${other.name}" is the default rule already; there can be only one`];
}

export async function insertMembers(
  transaction: Transaction<Tables>,
  rule: { accountId: string; id: string },
  members: readonly StoredMember[],
): Promise<void> {
  const { accountId, id: ruleId } = rule;
  await transaction
    .insertInto('routingRuleConnections')
    .values(members.map((member) => ({ accountId, ruleId, ...member })))
    .execute();
}
