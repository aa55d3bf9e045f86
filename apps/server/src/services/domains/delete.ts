import { isId } from '../../lib/ids.ts';
import { recordChange } from '../audit/record.ts';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { notFound } from '../service-error.ts';

export async function deleteDomain(
  deps: ServiceDeps,
  principal: Principal,
  id: string,
): Promise<void> {
  requirePermission(principal, 'write');
  if (!isId(id)) throw notFound();
  await deps.database.kysely.transaction().execute(async (transaction) => {
    const row = await transaction
      .deleteFrom('domains')
      .where('accountId', '=', principal.accountId)
      .where('id', '=', id)
      .returning('domain')
      .executeTakeFirst();
    if (!row) throw notFound();
    await recordChange(transaction, principal, {
      action: 'domain.deleted',
      subjectId: id,
      detail: { domain: row.domain },
    });
  });
}
