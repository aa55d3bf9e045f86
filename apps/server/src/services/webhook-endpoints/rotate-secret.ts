import type { WebhookEndpointWithSecret } from '@courierx/contract';
import { sql } from 'kysely';
import { sealSigningSecret } from '../../db/webhook-secrets.ts';
import { recordChange } from '../audit/record.ts';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { notFound } from '../service-error.ts';
import { findEndpoint, loadOwner, toSubject } from './rows.ts';
import { newSigningSecret } from './secret.ts';
import { toWire } from './to-wire.ts';

/** Makes a new secret, shown once; the one before it signs beside it for 24 hours. */
export async function rotateWebhookSecret(
  deps: ServiceDeps,
  principal: Principal,
  id: string,
): Promise<WebhookEndpointWithSecret> {
  requirePermission(principal, 'write');
  const { kysely } = deps.database;
  const { accountId } = principal;
  await findEndpoint(kysely, accountId, id);
  const secret = newSigningSecret();
  const owner = await loadOwner(kysely, accountId, id);
  const row = await kysely.transaction().execute(async (transaction) => {
    const rotated = await transaction
      .updateTable('webhookEndpoints')
      .set((eb) => ({
        secret: sealSigningSecret(deps.keyring, owner, secret),
        oldSecret: eb.ref('secret'),
        oldSecretUntil: sql<Date>`now() + interval '24 hours'`,
        updatedAt: deps.now(),
      }))
      .where('accountId', '=', accountId)
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst();
    if (!rotated) throw notFound();
    const action = 'webhook_endpoint.secret_rotated';
    await recordChange(transaction, principal, { action, ...toSubject(rotated) });
    return rotated;
  });
  return { ...toWire(row, deps.now()), secret };
}
