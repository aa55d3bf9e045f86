import type { PagingQuery, ProviderConnection } from '@courierx/contract';
import { requirePermission, type Page, type Principal, type ServiceDeps } from '../context.ts';
import { breakersColumn } from './rows.ts';
import { toWire } from './to-wire.ts';

/** In the order they are tried. */
export async function listConnections(
  deps: ServiceDeps,
  principal: Principal,
  { query, baseUrl }: { query: PagingQuery; baseUrl: string },
): Promise<Page<ProviderConnection>> {
  requirePermission(principal, 'read');
  const { page = 1, per_page: perPage = 25 } = query;
  const connections = deps.database.kysely
    .selectFrom('connections')
    .where('accountId', '=', principal.accountId);
  const [rows, { total }] = await Promise.all([
    connections
      .selectAll()
      .select(breakersColumn)
      .orderBy('priority')
      .orderBy('createdAt')
      .orderBy('id')
      .limit(perPage)
      .offset((page - 1) * perPage)
      .execute(),
    connections.select((eb) => eb.fn.countAll<string>().as('total')).executeTakeFirstOrThrow(),
  ]);
  const items = rows.map((row) => toWire(row, { baseUrl, now: deps.now() }));
  return { items, total: Number(total), page, perPage };
}
