import type { ApiKey } from '@courierx/contract';
import { sql } from 'kysely';
import { isId } from '../../lib/ids.ts';
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
  const row = await deps.database.kysely
    .updateTable('apiKeys')
    .set({ revokedAt: sql<Date>`coalesce(revoked_at, now())` })
    .where('accountId', '=', principal.accountId)
    .where('id', '=', id)
    .returning(API_KEY_COLUMNS)
    .executeTakeFirst();
  if (!row) throw notFound();
  return toWire(row, deps.now());
}
