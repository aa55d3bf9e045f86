import type { ListWebhookDeliveriesQuery, WebhookDelivery } from '@courierx/contract';
import { requirePermission, type Page, type Principal, type ServiceDeps } from '../context.ts';
import { findEndpoint } from './rows.ts';
import { toDelivery } from './to-wire.ts';

/** Newest first. */
export async function listWebhookDeliveries(
  deps: ServiceDeps,
  principal: Principal,
  { id, query }: { id: string; query: ListWebhookDeliveriesQuery },
): Promise<Page<WebhookDelivery>> {
  requirePermission(principal, 'read');
  const { page = 1, per_page: perPage = 25, status, event } = query;
  const { kysely } = deps.database;
  await findEndpoint(kysely, principal.accountId, id);
  let deliveries = kysely
    .selectFrom('webhookDeliveries')
    .where('accountId', '=', principal.accountId)
    .where('endpointId', '=', id);
  if (status !== undefined) deliveries = deliveries.where('status', '=', status);
  if (event !== undefined) deliveries = deliveries.where('type', '=', event);
  const [rows, { total }] = await Promise.all([
    deliveries
      .selectAll()
      .orderBy('id', 'desc')
      .limit(perPage)
      .offset((page - 1) * perPage)
      .execute(),
    deliveries.select((eb) => eb.fn.countAll<string>().as('total')).executeTakeFirstOrThrow(),
  ]);
  return { items: rows.map(toDelivery), total: Number(total), page, perPage };
}
