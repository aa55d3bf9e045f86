import type { ListSuppressionsQuery, Suppression } from '@courierx/contract';
import { requirePermission, type Page, type Principal, type ServiceDeps } from '../context.ts';
import { selectSuppressions } from './rows.ts';
import { toWire } from './to-wire.ts';

/** Newest first; `email` is a case-insensitive part of an address. */
export async function listSuppressions(
  deps: ServiceDeps,
  principal: Principal,
  { page = 1, per_page: perPage = 25, ...filter }: ListSuppressionsQuery,
): Promise<Page<Suppression>> {
  requirePermission(principal, 'read');
  const suppressions = selectSuppressions(deps.database.kysely, principal.accountId, {
    filter,
    now: deps.now(),
  });
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
