import type { WebhookSetupAnswer } from '@courierx/contract';
import { openWebhookSecret, sealWebhookSecret } from '../../db/connection-secrets.ts';
import { randomToken } from '../../lib/crypto.ts';
import type { WebhookSetup } from '../../providers/webhooks.ts';
import { recordChange } from '../audit/record.ts';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { invalid } from '../service-error.ts';
import { findConnection, ownerOf, toProviderConnection, type ConnectionRow } from './rows.ts';
import { toWire } from './to-wire.ts';

const SETUP_MS = 30_000;

/**
 * Makes or mends the webhook on the customer's provider account, where its API allows it, and keeps
 * the secret that comes of it; else says what to do by hand.
 */
export async function setUpWebhook(
  deps: ServiceDeps,
  principal: Principal,
  { id, baseUrl }: { id: string; baseUrl: string },
): Promise<WebhookSetupAnswer> {
  requirePermission(principal, 'write');
  const { kysely } = deps.database;
  const row = await findConnection(kysely, principal.accountId, id);
  const webhooks = deps.providers.get(row.provider)?.webhooks;
  if (!webhooks) throw invalid(`provider ${row.provider} has no webhook to set up`);
  const now = deps.now();
  const { webhook_url: url } = toWire(row, { baseUrl, now });
  // Stored before the provider is asked: some call the URL while they are being set up.
  const made =
    row.webhookSecret === null && webhooks.secretIsOurs === true ? randomToken(24) : null;
  if (made !== null) await storeSecret(deps, principal, { row, secret: made });
  const setup = await webhooks.setup({
    connection: toProviderConnection(deps.keyring, row),
    url,
    secret: made ?? secretOf(deps, row),
    signal: AbortSignal.timeout(SETUP_MS),
  });
  const told = 'secret' in setup ? setup.secret : null;
  if (told !== null) await storeSecret(deps, principal, { row, secret: told });
  const changed = await findConnection(kysely, principal.accountId, id);
  return {
    webhook_setup: { ...toAnswer(setup), webhook_secret: made },
    provider_connection: toWire(changed, { baseUrl, now }),
  };
}

function toAnswer(setup: WebhookSetup) {
  const { kind: status, message } = setup;
  return { status, message, steps: setup.kind === 'manual' ? [...setup.steps] : [] };
}

function secretOf({ keyring }: ServiceDeps, row: ConnectionRow): string | null {
  return row.webhookSecret === null
    ? null
    : openWebhookSecret(keyring, ownerOf(row), row.webhookSecret);
}

async function storeSecret(
  deps: ServiceDeps,
  principal: Principal,
  { row, secret }: { row: ConnectionRow; secret: string },
): Promise<void> {
  await deps.database.kysely.transaction().execute(async (transaction) => {
    await transaction
      .updateTable('connections')
      .set({
        webhookSecret: sealWebhookSecret(deps.keyring, ownerOf(row), secret),
        updatedAt: deps.now(),
      })
      .where('accountId', '=', row.accountId)
      .where('id', '=', row.id)
      .execute();
    await recordChange(transaction, principal, {
      action: 'provider_connection.updated',
      subjectId: row.id,
      detail: { display_name: row.displayName, changed: ['webhook_secret'] },
    });
  });
}
