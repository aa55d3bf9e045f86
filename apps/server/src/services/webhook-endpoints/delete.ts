import { isId } from '../../lib/ids.ts';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { notFound } from '../service-error.ts';

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
    const result = await transaction
      .deleteFrom('webhookEndpoints')
      .where('accountId', '=', accountId)
      .where('id', '=', id)
      .executeTakeFirst();
    if (result.numDeletedRows === 0n) throw notFound();
    await transaction
      .deleteFrom('webhookDeliveries')
      .where('accountId', '=', accountId)
      .where('endpointId', '=', id)
      .execute();
  });
}
