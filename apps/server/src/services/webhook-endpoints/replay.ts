import type { ReplayAnswer, ReplayWebhooksRequest, WebhookDelivery } from '@courierx/contract';
import { sql, type Kysely } from 'kysely';
import type { Tables } from '../../db/types.ts';
import { requireSound, type Checked } from '../checked.ts';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { findDelivery, findEnabledEndpoint, type DeliveryKey } from './rows.ts';
import { toDelivery } from './to-wire.ts';

/** Sends one delivery again, whatever became of it, under the same id. */
export async function replayWebhookDelivery(
  deps: ServiceDeps,
  principal: Principal,
  key: DeliveryKey,
): Promise<WebhookDelivery> {
  requirePermission(principal, 'write');
  const { accountId } = principal;
  return deps.database.kysely.transaction().execute(async (transaction) => {
    await findEnabledEndpoint(transaction, accountId, key.endpointId);
    await findDelivery(transaction, accountId, key);
    await replayed(transaction, accountId, key.endpointId)
      .where('id', '=', key.deliveryId)
      .execute();
    await notify(transaction);
    return toDelivery(await findDelivery(transaction, accountId, key));
  });
}

/**
 * Sends again, under the same ids: the events of a range (`from` inclusive, `to` exclusive), those
 * that were missed, or those of a range that were missed.
 */
export async function replayWebhooks(
  deps: ServiceDeps,
  principal: Principal,
  { id, body }: { id: string; body: Checked<ReplayWebhooksRequest> },
): Promise<ReplayAnswer> {
  requirePermission(principal, 'write');
  const { from, to, missed = false } = requireSound(body, checkRange(body));
  const { accountId } = principal;
  return deps.database.kysely.transaction().execute(async (transaction) => {
    await findEnabledEndpoint(transaction, accountId, id);
    let chosen = replayed(transaction, accountId, id);
    if (missed) chosen = chosen.where('status', '<>', 'succeeded');
    if (from !== undefined) chosen = chosen.where('occurredAt', '>=', new Date(from));
    if (to !== undefined) chosen = chosen.where('occurredAt', '<', new Date(to));
    const { numUpdatedRows } = await chosen.executeTakeFirstOrThrow();
    await notify(transaction);
    return { replayed: Number(numUpdatedRows) };
  });
}

/** What a worker is just sending is left to it. */
function replayed(kysely: Kysely<Tables>, accountId: string, endpointId: string) {
  return kysely
    .updateTable('webhookDeliveries')
    .set({ status: 'pending', runAt: sql<Date>`now()`, tries: 0 })
    .where('accountId', '=', accountId)
    .where('endpointId', '=', endpointId)
    .where('lease', 'is', null);
}

async function notify(transaction: Kysely<Tables>): Promise<void> {
  await sql`select pg_notify('courierx_webhooks', '')`.execute(transaction);
}

function checkRange({ sound, unsound }: Checked<ReplayWebhooksRequest>): string[] {
  const { from, to, missed } = sound;
  const wrong = Object.entries({ from, to })
    .filter(([, time]) => time !== undefined && Number.isNaN(Date.parse(time)))
    .map(([field]) => `${field} must be a time that is in the calendar`);
  if (wrong.length > 0 || unsound.size > 0) return wrong;
  const isRange = from !== undefined && to !== undefined;
  if (isRange) return new Date(from) < new Date(to) ? [] : ['from must be before to'];
  return missed === true ? [] : ['Give from and to, or missed: true'];
}
