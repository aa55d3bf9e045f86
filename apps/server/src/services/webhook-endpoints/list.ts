import type { PagingQuery, WebhookEndpoint } from '@courierx/contract';
import { requirePermission, type Page, type Principal, type ServiceDeps } from '../context.ts';
import { toWire } from './to-wire.ts';

/** Newest first. */
export async function listWebhookEndpoints(
  deps: ServiceDeps,
  principal: Principal,
  query: PagingQuery,
): Promise<Page<WebhookEndpoint>> {
  requirePermission(principal, 'read');
  const { page = 1, per_page: perPage = 25 } = query;
  const endpoints = deps.database.kysely
    .selectFrom('webhookEndpoints')
    .where('accountId', '=', principal.accountId);
  const [rows, { total }] = await Promise.all([
    endpoints
      .selectAll()
      .orderBy('id', 'desc')
      .limit(perPage)
      .offset((page - 1) * perPage)
      .execute(),
    endpoints.select((eb) => eb.fn.countAll<string>().as('total')).executeTakeFirstOrThrow(),
  ]);
  const items = rows.map((row) => toWire(row, deps.now()));
  return { items, total: Number(total), page, perPage };
}
