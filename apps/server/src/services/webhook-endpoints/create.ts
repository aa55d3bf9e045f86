import type { CreateWebhookEndpointRequest, WebhookEndpointWithSecret } from '@courierx/contract';
import { sealSigningSecret } from '../../db/webhook-secrets.ts';
import { newId } from '../../lib/ids.ts';
import { requireSound, type Checked } from '../checked.ts';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { checkEndpoint } from './check.ts';
import { loadOwner } from './rows.ts';
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
  const row = await kysely
    .insertInto('webhookEndpoints')
    .values({
      ...{ accountId, id, url: input.url, description: input.description ?? null },
      events: [...new Set(input.events)],
      secret: sealSigningSecret(deps.keyring, owner, secret),
      oldSecret: null,
      disabledAt: isOff ? deps.now() : null,
      disabledReason: isOff ? 'request' : null,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return { ...toWire(row, deps.now()), secret };
}
