import type { ApiKey, PagingQuery } from '@courierx/contract';
import { requirePermission, type Page, type Principal, type ServiceDeps } from '../context.ts';
import { API_KEY_COLUMNS, toWire } from './to-wire.ts';

/** Newest first; only the prefix of each key. */
export async function listApiKeys(
  deps: ServiceDeps,
  principal: Principal,
  { page = 1, per_page: perPage = 25 }: PagingQuery,
): Promise<Page<ApiKey>> {
  requirePermission(principal, 'read');
  const keys = deps.database.kysely
    .selectFrom('apiKeys')
    .where('accountId', '=', principal.accountId);
  const [rows, { total }] = await Promise.all([
    keys
      .select(API_KEY_COLUMNS)
      .orderBy('id', 'desc')
      .limit(perPage)
      .offset((page - 1) * perPage)
      .execute(),
    keys.select((eb) => eb.fn.countAll<string>().as('total')).executeTakeFirstOrThrow(),
  ]);
  return { items: rows.map((row) => toWire(row, deps.now())), total: Number(total), page, perPage };
}
