import type { ListSuppressionsQuery, Suppression } from '@courierx/contract';
import { requirePermission, type Page, type Principal, type ServiceDeps } from '../context.ts';
import { toWire } from './to-wire.ts';

/** Newest first; `email` is a case-insensitive part of an address. */
export async function listSuppressions(
  deps: ServiceDeps,
  principal: Principal,
  query: ListSuppressionsQuery,
): Promise<Page<Suppression>> {
  requirePermission(principal, 'read');
  const { page = 1, per_page: perPage = 25, reason, email } = query;
  let suppressions = deps.database.kysely
    .selectFrom('suppressions')
    .where('accountId', '=', principal.accountId);
  if (reason !== undefined) suppressions = suppressions.where('reason', '=', reason);
  if (email !== undefined) {
    const part = `%${email.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
    suppressions = suppressions.where('address', 'like', part);
  }
  const [rows, { total }] = await Promise.all([
    suppressions
      .selectAll()
      .orderBy('id', 'desc')
      .limit(perPage)
      .offset((page - 1) * perPage)
      .execute(),
    suppressions.select((eb) => eb.fn.countAll<string>().as('total')).executeTakeFirstOrThrow(),
  ]);
  return { items: rows.map(toWire), total: Number(total), page, perPage };
}
