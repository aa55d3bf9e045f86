import type { RoutingRule, UpdateRoutingRuleRequest } from '@courierx/contract';
import type { Transaction } from 'kysely';
import { clientOf } from '../../db/database.ts';
import type { Tables } from '../../db/types.ts';
import { wakeWaiting } from '../../queue/wake-waiting.ts';
import { recordChange } from '../audit/record.ts';
import { requireSound, type Checked } from '../checked.ts';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { checkRule, checkWeights, toStoredMatch, toStoredMembers } from './check.ts';
import { findRule, type RuleRow } from './rows.ts';
import { toWire } from './to-wire.ts';
import { checkDefault, checkOwned, insertMembers, lockRules } from './write.ts';

export type UpdateRoutingRuleInput = {
  readonly id: string;
  readonly body: Checked<UpdateRoutingRuleRequest>;
};

/** Holds from the next mail on that is taken from the queue; what waits is looked at again. */
export async function updateRoutingRule(
  deps: ServiceDeps,
  principal: Principal,
  { id, body }: UpdateRoutingRuleInput,
): Promise<RoutingRule> {
  requirePermission(principal, 'write');
  const { accountId } = principal;
  const row = await deps.database.kysely.transaction().execute(async (transaction) => {
    await lockRules(transaction, accountId);
    const before = await findRule(transaction, accountId, id);
    await change(transaction, before, { body, now: deps.now() });
    await wakeWaiting(clientOf(transaction), accountId);
    await recordChange(transaction, principal, {
      action: 'routing_rule.updated',
      subjectId: id,
      detail: { name: before.name, changed: Object.keys(body.sound) },
    });
    return findRule(transaction, accountId, id);
  });
  return toWire(row);
}

async function change(
  transaction: Transaction<Tables>,
  before: RuleRow,
  { body, now }: { body: UpdateRoutingRuleInput['body']; now: Date },
): Promise<void> {
  const { accountId, id } = before;
  const { sound } = body;
  const { senderDomain, recipientDomain, tag } = before;
  const match =
    sound.match === undefined ? { senderDomain, recipientDomain, tag } : toStoredMatch(sound.match);
  const strategy = sound.strategy ?? before.strategy;
  const isEnabled = sound.enabled ?? before.disabledAt === null;
  const members = sound.connections && toStoredMembers(sound.connections);
  const owned = members && (await checkOwned(transaction, accountId, members));
  const isMatchUnsound = body.unsound.has('match');
  requireSound(body, [
    ...checkRule({ ...sound, strategy }),
    ...(members || body.unsound.has('connections') ? [] : checkWeights(before.members, strategy)),
    ...(owned?.faults ?? []),
    ...(isMatchUnsound
      ? []
      : await checkDefault(transaction, accountId, { ...match, id, isEnabled })),
  ]);
  await transaction
    .updateTable('routingRules')
    .set({
      ...match,
      strategy,
      ...(sound.name !== undefined && { name: sound.name.trim() }),
      ...(sound.position !== undefined && { position: sound.position }),
      ...(owned && { sandboxOnly: owned.sandboxOnly }),
      disabledAt: isEnabled ? null : (before.disabledAt ?? now),
      updatedAt: now,
    })
    .where('accountId', '=', accountId)
    .where('id', '=', id)
    .execute();
  if (!members) return;
  await transaction
    .deleteFrom('routingRuleConnections')
    .where('accountId', '=', accountId)
    .where('ruleId', '=', id)
    .execute();
  await insertMembers(transaction, { accountId, id }, members);
}
