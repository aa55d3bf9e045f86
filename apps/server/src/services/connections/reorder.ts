import type { ReorderRequest } from '@courierx/contract';
import { sql } from 'kysely';
import { recordChange } from '../audit/record.ts';
import { requireOrder } from '../check-order.ts';
import type { Checked } from '../checked.ts';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';

/** Priorities from 1, in the order given: all of them or, where one can't be, none. */
export async function reorderConnections(
  deps: ServiceDeps,
  principal: Principal,
  body: Checked<ReorderRequest>,
): Promise<void> {
  requirePermission(principal, 'write');
  const { accountId } = principal;
  await deps.database.kysely.transaction().execute(async (transaction) => {
    const items = await transaction
      .selectFrom('connections')
      .select(['id', 'displayName as name'])
      .where('accountId', '=', accountId)
      // Two orders at once are stored one after the other, not mixed.
      .orderBy('id')
      .forNoKeyUpdate()
      .execute();
    const order = requireOrder(body, items, 'provider connections');
    await sql`
      update connections c set priority = o.place, updated_at = ${deps.now()}
      from unnest(${order.map(({ id }) => id)}::uuid[]) with ordinality as o(id, place)
      where c.account_id = ${accountId} and c.id = o.id and c.priority <> o.place
    `.execute(transaction);
    await recordChange(transaction, principal, {
      action: 'provider_connection.reordered',
      subjectId: null,
      detail: { order: order.map(({ name }) => name) },
    });
  });
}
