import type { ReorderRequest } from '@courierx/contract';
import { sql } from 'kysely';
import { clientOf } from '../../db/database.ts';
import { wakeWaiting } from '../../queue/wake-waiting.ts';
import { recordChange } from '../audit/record.ts';
import { requireOrder } from '../check-order.ts';
import type { Checked } from '../checked.ts';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { lockRules } from './write.ts';

/** Positions from 1, in the order given: all of them or, where one can't be, none. */
export async function reorderRoutingRules(
  deps: ServiceDeps,
  principal: Principal,
  body: Checked<ReorderRequest>,
): Promise<void> {
  requirePermission(principal, 'write');
  const { accountId } = principal;
  await deps.database.kysely.transaction().execute(async (transaction) => {
    await lockRules(transaction, accountId);
    const items = await transaction
      .selectFrom('routingRules')
      .select(['id', 'name'])
      .where('accountId', '=', accountId)
      .execute();
    const order = requireOrder(body, items, 'routing rules');
    await sql`
      update routing_rules r set position = o.place, updated_at = ${deps.now()}
      from unnest(${order.map(({ id }) => id)}::uuid[]) with ordinality as o(id, place)
      where r.account_id = ${accountId} and r.id = o.id and r.position <> o.place
    `.execute(transaction);
    await wakeWaiting(clientOf(transaction), accountId);
    await recordChange(transaction, principal, {
      action: 'routing_rule.reordered',
      subjectId: null,
      detail: { order: order.map(({ name }) => name) },
    });
  });
}
