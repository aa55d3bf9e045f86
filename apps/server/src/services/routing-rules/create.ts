import {
  ROUTING_LIMITS,
  type CreateRoutingRuleRequest,
  type RoutingRule,
} from '@courierx/contract';
import { sql, type Transaction } from 'kysely';
import { clientOf } from '../../db/database.ts';
import type { Tables } from '../../db/types.ts';
import { newId } from '../../lib/ids.ts';
import { wakeWaiting } from '../../queue/wake-waiting.ts';
import { recordChange } from '../audit/record.ts';
import { requireSound, type Checked } from '../checked.ts';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { checkRule, toStoredMatch, toStoredMembers } from './check.ts';
import { findRule } from './rows.ts';
import { toWire } from './to-wire.ts';
import { checkDefault, checkOwned, insertMembers, lockRules } from './write.ts';

/** Holds from the next mail on that is taken from the queue, whenever it was accepted. */
export async function createRoutingRule(
  deps: ServiceDeps,
  principal: Principal,
  body: Checked<CreateRoutingRuleRequest>,
): Promise<RoutingRule> {
  requirePermission(principal, 'write');
  const { accountId } = principal;
  const id = newId();
  const row = await deps.database.kysely.transaction().execute(async (transaction) => {
    await lockRules(transaction, accountId);
    await insert(transaction, { accountId, id, body, now: deps.now() });
    await wakeWaiting(clientOf(transaction), accountId);
    const made = await findRule(transaction, accountId, id);
    await recordChange(transaction, principal, {
      action: 'routing_rule.created',
      subjectId: id,
      detail: { name: made.name, strategy: made.strategy },
    });
    return made;
  });
  return toWire(row);
}

type NewRule = {
  readonly accountId: string;
  readonly id: string;
  readonly body: Checked<CreateRoutingRuleRequest>;
  readonly now: Date;
};

async function insert(
  transaction: Transaction<Tables>,
  { accountId, id, body, now }: NewRule,
): Promise<void> {
  const { sound, unsound } = body;
  const members = toStoredMembers(sound.connections ?? []);
  const match = toStoredMatch(sound.match);
  const isEnabled = sound.enabled !== false;
  const owned = await checkOwned(transaction, accountId, members);
  const rule = requireSound(body, [
    ...checkRule(sound),
    ...owned.faults,
    ...(unsound.has('match')
      ? []
      : await checkDefault(transaction, accountId, { ...match, id, isEnabled })),
    ...(await checkCount(transaction, accountId)),
  ]);
  const next = sql<number>`(select coalesce(max(position), 0) + 1 from routing_rules
    where account_id = ${accountId})`;
  await transaction
    .insertInto('routingRules')
    .values({
      accountId,
      id,
      ...match,
      name: rule.name.trim(),
      position: rule.position ?? next,
      strategy: rule.strategy ?? 'priority',
      sandboxOnly: owned.sandboxOnly,
      disabledAt: isEnabled ? null : now,
    })
    .execute();
  await insertMembers(transaction, { accountId, id }, members);
}

async function checkCount(transaction: Transaction<Tables>, accountId: string): Promise<string[]> {
  const { count } = await transaction
    .selectFrom('routingRules')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .where('accountId', '=', accountId)
    .executeTakeFirstOrThrow();
  if (Number(count) < ROUTING_LIMITS.rules) return [];
  return [`An account can have at most ${ROUTING_LIMITS.rules} routing rules; delete one first`];
}
