import type { PagingQuery, RoutingRule } from '@courierx/contract';
import { requirePermission, type Page, type Principal, type ServiceDeps } from '../context.ts';
import { loadMembers } from './rows.ts';
import { toWire } from './to-wire.ts';

/** By position. */
export async function listRoutingRules(
  deps: ServiceDeps,
  principal: Principal,
  query: PagingQuery,
): Promise<Page<RoutingRule>> {
  requirePermission(principal, 'read');
  const { page = 1, per_page: perPage = 25 } = query;
  const { accountId } = principal;
  const { kysely } = deps.database;
  const rules = kysely.selectFrom('routingRules').where('accountId', '=', accountId);
  const [rows, { total }] = await Promise.all([
    rules
      .selectAll()
      .orderBy('position')
      .orderBy('createdAt')
      .orderBy('id')
      .limit(perPage)
      .offset((page - 1) * perPage)
      .execute(),
    rules.select((eb) => eb.fn.countAll<string>().as('total')).executeTakeFirstOrThrow(),
  ]);
  const ids = rows.map(({ id }) => id);
  const byRule = Map.groupBy(await loadMembers(kysely, accountId, ids), ({ ruleId }) => ruleId);
  const items = rows.map((row) => toWire({ ...row, members: byRule.get(row.id) ?? [] }));
  return { items, total: Number(total), page, perPage };
}
