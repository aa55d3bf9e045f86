import type { UpdateWebhookEndpointRequest, WebhookEndpoint } from '@courierx/contract';
import { recordChange } from '../audit/record.ts';
import { requireSound, type Checked } from '../checked.ts';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { checkEndpoint } from './check.ts';
import { findEndpoint, toSubject } from './rows.ts';
import { toWire } from './to-wire.ts';

/**
 * Changes an endpoint. Disabled, it keeps its events; enabled again, it gets what happens from now
 * on, and the rest when it is replayed.
 */
export async function updateWebhookEndpoint(
  deps: ServiceDeps,
  principal: Principal,
  { id, body }: { id: string; body: Checked<UpdateWebhookEndpointRequest> },
): Promise<WebhookEndpoint> {
  requirePermission(principal, 'write');
  const { accountId } = principal;
  return deps.database.kysely.transaction().execute(async (transaction) => {
    const old = await findEndpoint(transaction, accountId, id);
    const input = requireSound(body, checkEndpoint(deps, body.sound));
    const { url, description, events, enabled } = input;
    const row = await transaction
      .updateTable('webhookEndpoints')
      .set({
        ...(url !== undefined && { url }),
        ...(description !== undefined && { description }),
        ...(events !== undefined && { events: [...new Set(events)] }),
        ...stateColumns(enabled, old.disabledAt, deps.now()),
        updatedAt: deps.now(),
      })
      .where('accountId', '=', accountId)
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow();
    await recordChange(transaction, principal, {
      action: 'webhook_endpoint.updated',
      ...toSubject(row, { changed: Object.keys(input) }),
    });
    if (enabled === false) {
      await transaction
        .updateTable('webhookDeliveries')
        .set({ runAt: null })
        .where('accountId', '=', accountId)
        .where('endpointId', '=', id)
        .where('runAt', 'is not', null)
        .where('lease', 'is', null)
        .execute();
    }
    return toWire(row, deps.now());
  });
}

function stateColumns(enabled: boolean | undefined, disabledAt: Date | null, now: Date) {
  if (enabled === undefined || enabled === (disabledAt === null)) return {};
  if (enabled) return { disabledAt: null, disabledReason: null, failingSince: null };
  return { disabledAt: now, disabledReason: 'request' };
}
