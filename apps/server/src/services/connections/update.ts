import type { ProviderConnection, UpdateProviderConnectionRequest } from '@courierx/contract';
import { sql } from 'kysely';
import { openSecrets, sealSecrets, sealWebhookSecret } from '../../db/connection-secrets.ts';
import { wakeWaiting } from '../../queue/wake-waiting.ts';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { invalid, notFound, ServiceError } from '../service-error.ts';
import {
  changesCredentials,
  checkCredentials,
  checkDisplayName,
  hintOf,
  mergeCredentials,
} from './credentials.ts';
import { findConnection, ownerOf, type ConnectionRow } from './rows.ts';
import { toWire } from './to-wire.ts';
import { askProvider, toColumns } from './verification.ts';

export type UpdateConnectionInput = {
  readonly id: string;
  readonly body: UpdateProviderConnectionRequest;
  readonly baseUrl: string;
};

/**
 * Changes a connection. New credentials are verified first and stored only when the provider takes
 * them or can't be asked; the old ones stay in use until then.
 */
export async function updateConnection(
  deps: ServiceDeps,
  principal: Principal,
  { id, body, baseUrl }: UpdateConnectionInput,
): Promise<ProviderConnection> {
  requirePermission(principal, 'write');
  const { kysely, pool } = deps.database;
  const row = await findConnection(kysely, principal.accountId, id);
  const nameFaults = checkDisplayName(body.display_name);
  if (nameFaults.length > 0) throw invalid(nameFaults);
  const rotated = changesCredentials(body) ? await rotate(deps, row, body) : {};
  let update = kysely
    .updateTable('connections')
    .set({ ...plainColumns(deps, row, body), ...rotated, updatedAt: deps.now() })
    .where('accountId', '=', row.accountId)
    .where('id', '=', id);
  // Another rotation came between: what was verified here is not what would be stored.
  if (changesCredentials(body)) update = update.where('version', '=', row.version);
  const result = await update.executeTakeFirst();
  if (result.numUpdatedRows === 0n) {
    await findConnection(kysely, principal.accountId, id);
    throw new ServiceError('conflict', 'The connection was changed at the same time; try again');
  }
  await wakeWaiting(pool, row.accountId);
  return toWire(await findConnection(kysely, principal.accountId, id), baseUrl);
}

function plainColumns(
  deps: ServiceDeps,
  row: ConnectionRow,
  body: UpdateProviderConnectionRequest,
) {
  const { display_name: name, priority, enabled, webhook_secret: webhookSecret } = body;
  return {
    ...(name !== undefined && { displayName: name.trim() }),
    ...(priority !== undefined && { priority }),
    ...(enabled !== undefined && { disabledAt: enabled ? null : (row.disabledAt ?? deps.now()) }),
    ...(webhookSecret !== undefined && {
      webhookSecret:
        webhookSecret === null
          ? null
          : sealWebhookSecret(deps.keyring, ownerOf(row), webhookSecret),
    }),
  };
}

async function rotate(
  deps: ServiceDeps,
  row: ConnectionRow,
  body: UpdateProviderConnectionRequest,
) {
  const provider = deps.providers.get(row.provider);
  if (!provider) throw notFound();
  const owner = ownerOf(row);
  const stored = { settings: row.settings, secrets: openSecrets(deps.keyring, owner, row.secrets) };
  const credentials = mergeCredentials(stored, body);
  const faults = checkCredentials(provider, credentials);
  if (faults.length > 0) throw invalid(faults);
  const { id, accountId } = row;
  const version = row.version + 1;
  const result = await askProvider(provider, { id, accountId, version, ...credentials });
  if (result.status === 'failed') throw invalid(`Credentials were refused: ${result.message}`);
  return {
    // Unreachable: the verdict on the old credentials says nothing of the new ones.
    status: 'unverified' as const,
    ...toColumns(result, { tries: 0, now: deps.now() }),
    settings: JSON.stringify(credentials.settings),
    secrets: sealSecrets(deps.keyring, owner, { ...credentials.secrets }),
    secretsHint: hintOf(credentials.secrets),
    version: sql<number>`version + 1`,
    pausedUntil: null,
    pauseReason: null,
  };
}
