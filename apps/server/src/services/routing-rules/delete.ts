import { sql } from 'kysely';
import { clientOf } from '../../db/database.ts';
import { isId } from '../../lib/ids.ts';
import { wakeWaiting } from '../../queue/wake-waiting.ts';
import { recordChange } from '../audit/record.ts';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { notFound } from '../service-error.ts';

/** No mail belongs to a rule: what waits is routed anew, by those that are left. */
export async function deleteRoutingRule(
  deps: ServiceDeps,
  principal: Principal,
  id: string,
): Promise<void> {
  requirePermission(principal, 'write');
  if (!isId(id)) throw notFound();
  const { accountId } = principal;
  await deps.database.kysely.transaction().execute(async (transaction) => {
    const row = await transaction
      .deleteFrom('routingRules')
      .where('accountId', '=', accountId)
      .where('id', '=', id)
      .returning('name')
      .executeTakeFirst();
    if (!row) throw notFound();
    await recordChange(transaction, principal, {
      action: 'routing_rule.deleted',
      subjectId: id,
      detail: { name: row.name },
    });
    await sql`delete from routing_turns where account_id = ${accountId} and rule_id = ${id}`.execute(
      transaction,
    );
    await wakeWaiting(clientOf(transaction), accountId);
  });
}
