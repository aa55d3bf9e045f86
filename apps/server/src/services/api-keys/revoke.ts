import type { ApiKey } from '@courierx/contract';
import { sql } from 'kysely';
import { isId } from '../../lib/ids.ts';
import { recordChange } from '../audit/record.ts';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { notFound } from '../service-error.ts';
import { API_KEY_COLUMNS, toWire } from './to-wire.ts';

/** Ends a key and keeps its record; the second time changes nothing. */
export async function revokeApiKey(
  deps: ServiceDeps,
  principal: Principal,
  id: string,
): Promise<ApiKey> {
  requirePermission(principal, 'write');
  if (!isId(id)) throw notFound();
  const row = await deps.database.kysely.transaction().execute(async (transaction) => {
    const key = await transaction
      .selectFrom('apiKeys')
      .select(API_KEY_COLUMNS)
      .where('accountId', '=', principal.accountId)
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    if (!key) throw notFound();
    if (key.revokedAt) return key;
    const revoked = await transaction
      .updateTable('apiKeys')
      .set({ revokedAt: sql<Date>`now()` })
      .where('accountId', '=', principal.accountId)
      .where('id', '=', id)
      .returning(API_KEY_COLUMNS)
      .executeTakeFirstOrThrow();
    const detail = { name: key.name };
    await recordChange(transaction, principal, {
      action: 'api_key.revoked',
      subjectId: id,
      detail,
    });
    return revoked;
  });
  return toWire(row, deps.now());
}
