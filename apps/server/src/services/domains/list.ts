import type { Domain, PagingQuery } from '@courierx/contract';
import { requirePermission, type Page, type Principal, type ServiceDeps } from '../context.ts';
import { findProviders, toWire } from './rows.ts';

/** By name. */
export async function listDomains(
  { database: { kysely } }: ServiceDeps,
  principal: Principal,
  { page = 1, per_page: perPage = 25 }: PagingQuery,
): Promise<Page<Domain>> {
  requirePermission(principal, 'read');
  const { accountId } = principal;
  const domains = kysely.selectFrom('domains').where('accountId', '=', accountId);
  const [rows, { total }, providers] = await Promise.all([
    domains
      .selectAll()
      .orderBy('domain')
      .limit(perPage)
      .offset((page - 1) * perPage)
      .execute(),
    domains.select((eb) => eb.fn.countAll<string>().as('total')).executeTakeFirstOrThrow(),
    findProviders(kysely, accountId),
  ]);
  const items = rows.map((row) => toWire(row, providers));
  return { items, total: Number(total), page, perPage };
}
