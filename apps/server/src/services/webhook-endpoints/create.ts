import type { CreateWebhookEndpointRequest, WebhookEndpointWithSecret } from '@courierx/contract';
import { sealSigningSecret } from '../../db/webhook-secrets.ts';
import { newId } from '../../lib/ids.ts';
import { recordChange } from '../audit/record.ts';
import { requireSound, type Checked } from '../checked.ts';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { requireRoom } from '../require-room.ts';
import { checkEndpoint } from './check.ts';
import { loadOwner, toSubject } from './rows.ts';
import { newSigningSecret } from './secret.ts';
import { toWire } from './to-wire.ts';

/** Its secret is in this answer and nowhere else. */
export async function createWebhookEndpoint(
  deps: ServiceDeps,
  principal: Principal,
  body: Checked<CreateWebhookEndpointRequest>,
): Promise<WebhookEndpointWithSecret> {
  requirePermission(principal, 'write');
  const { kysely } = deps.database;
  const input = requireSound(body, checkEndpoint(deps, body.sound));
  const { accountId } = principal;
  const id = newId();
  const secret = newSigningSecret();
  const owner = await loadOwner(kysely, accountId, id);
  const isOff = input.enabled === false;
  const values = {
    ...{ accountId, id, url: input.url, description: input.description ?? null },
    events: [...new Set(input.events)],
    secret: sealSigningSecret(deps.keyring, owner, secret),
    oldSecret: null,
    disabledAt: isOff ? deps.now() : null,
    disabledReason: isOff ? 'request' : null,
  };
  const row = await kysely.transaction().execute(async (transaction) => {
    await requireRoom(transaction, 'webhookEndpoints', accountId);
    const made = await transaction
      .insertInto('webhookEndpoints')
      .values(values)
      .returningAll()
      .executeTakeFirstOrThrow();
    const action = 'webhook_endpoint.created';
    await recordChange(transaction, principal, { action, ...toSubject(made) });
    return made;
  });
  return { ...toWire(row, deps.now()), secret };
}
