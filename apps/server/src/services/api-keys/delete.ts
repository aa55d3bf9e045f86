import { isId } from '../../lib/ids.ts';
import { recordChange } from '../audit/record.ts';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { notFound } from '../service-error.ts';

export async function deleteApiKey(
  deps: ServiceDeps,
  principal: Principal,
  id: string,
): Promise<void> {
  requirePermission(principal, 'write');
  if (!isId(id)) throw notFound();
  await deps.database.kysely.transaction().execute(async (transaction) => {
    const row = await transaction
      .deleteFrom('apiKeys')
      .where('accountId', '=', principal.accountId)
      .where('id', '=', id)
      .returning('name')
      .executeTakeFirst();
    if (!row) throw notFound();
    const detail = { name: row.name };
    await recordChange(transaction, principal, {
      action: 'api_key.deleted',
      subjectId: id,
      detail,
    });
  });
}
