import { clientOf } from '../../db/database.ts';
import { isId } from '../../lib/ids.ts';
import { wakeWaiting } from '../../queue/wake-waiting.ts';
import { recordChange } from '../audit/record.ts';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { notFound } from '../service-error.ts';

/** No mail belongs to a connection: what waits is routed anew, by those that are left. */
export async function deleteConnection(
  deps: ServiceDeps,
  principal: Principal,
  id: string,
): Promise<void> {
  requirePermission(principal, 'write');
  if (!isId(id)) throw notFound();
  const { accountId } = principal;
  await deps.database.kysely.transaction().execute(async (transaction) => {
    const row = await transaction
      .deleteFrom('connections')
      .where('accountId', '=', accountId)
      .where('id', '=', id)
      .returning(['provider', 'displayName'])
      .executeTakeFirst();
    if (!row) throw notFound();
    await recordChange(transaction, principal, {
      action: 'provider_connection.deleted',
      subjectId: id,
      detail: { provider: row.provider, display_name: row.displayName },
    });
    await wakeWaiting(clientOf(transaction), accountId);
  });
  await Promise.all([...deps.providers.values()].map((provider) => provider.close(id)));
}
