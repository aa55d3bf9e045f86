import { isId } from '../../lib/ids.ts';
import { recordChange } from '../audit/record.ts';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { notFound } from '../service-error.ts';
import { toSubject } from './rows.ts';

/** With its log; the clock takes away what is written at this moment. */
export async function deleteWebhookEndpoint(
  deps: ServiceDeps,
  principal: Principal,
  id: string,
): Promise<void> {
  requirePermission(principal, 'write');
  if (!isId(id)) throw notFound();
  const { accountId } = principal;
  await deps.database.kysely.transaction().execute(async (transaction) => {
    const row = await transaction
      .deleteFrom('webhookEndpoints')
      .where('accountId', '=', accountId)
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst();
    if (!row) throw notFound();
    const action = 'webhook_endpoint.deleted';
    await recordChange(transaction, principal, { action, ...toSubject(row) });
    await transaction
      .deleteFrom('webhookDeliveries')
      .where('accountId', '=', accountId)
      .where('endpointId', '=', id)
      .execute();
  });
}
