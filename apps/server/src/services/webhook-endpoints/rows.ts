import type { Kysely, Selectable } from 'kysely';
import type { EndpointOwner } from '../../db/webhook-secrets.ts';
import type { Tables, WebhookDeliveriesTable, WebhookEndpointsTable } from '../../db/types.ts';
import { isId } from '../../lib/ids.ts';
import { notFound, ServiceError, unauthorized } from '../service-error.ts';

export type EndpointRow = Selectable<WebhookEndpointsTable>;

/** For the audit log: which endpoint. Of its URL the host alone; the rest may hold a secret. */
export function toSubject({ id, url, description }: EndpointRow, more: object = {}) {
  return { subjectId: id, detail: { host: new URL(url).host, description, ...more } };
}

/** Throws `not_found` also for another account's. */
export async function findEndpoint(
  kysely: Kysely<Tables>,
  accountId: string,
  id: string,
): Promise<EndpointRow> {
  if (!isId(id)) throw notFound();
  const row = await kysely
    .selectFrom('webhookEndpoints')
    .selectAll()
    .where('accountId', '=', accountId)
    .where('id', '=', id)
    .executeTakeFirst();
  if (!row) throw notFound();
  return row;
}

/** For what is sent at once: a disabled endpoint gets nothing. */
export async function findEnabledEndpoint(
  kysely: Kysely<Tables>,
  accountId: string,
  id: string,
): Promise<EndpointRow> {
  const row = await findEndpoint(kysely, accountId, id);
  if (row.disabledAt === null) return row;
  throw new ServiceError('conflict', 'The webhook endpoint is disabled; enable it first');
}

export type DeliveryKey = { readonly endpointId: string; readonly deliveryId: string };

/** Throws `not_found` also for another endpoint's. */
export async function findDelivery(
  kysely: Kysely<Tables>,
  accountId: string,
  { endpointId, deliveryId }: DeliveryKey,
): Promise<Selectable<WebhookDeliveriesTable>> {
  if (!isId(endpointId) || !isId(deliveryId)) throw notFound();
  const row = await kysely
    .selectFrom('webhookDeliveries')
    .selectAll()
    .where('accountId', '=', accountId)
    .where('endpointId', '=', endpointId)
    .where('id', '=', deliveryId)
    .executeTakeFirst();
  if (!row) throw notFound();
  return row;
}

export async function loadOwner(
  kysely: Kysely<Tables>,
  accountId: string,
  endpointId: string,
): Promise<EndpointOwner> {
  const row = await kysely
    .selectFrom('accounts')
    .select(['dataKey', 'dataKeyMaster'])
    .where('id', '=', accountId)
    .executeTakeFirst();
  if (!row) throw unauthorized();
  return { accountId, endpointId, dataKey: { wrapped: row.dataKey, master: row.dataKeyMaster } };
}
