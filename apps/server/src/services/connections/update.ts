import type { ProviderConnection, UpdateProviderConnectionRequest } from '@courierx/contract';
import { openSecrets, sealSecrets, sealWebhookSecret } from '../../db/connection-secrets.ts';
import { clientOf } from '../../db/database.ts';
import { insertConnectionEvent } from '../../queue/insert-connection-event.ts';
import { closeBreakers } from '../../queue/move-breaker.ts';
import { wakeWaiting } from '../../queue/wake-waiting.ts';
import { recordChange } from '../audit/record.ts';
import { checkLine, requireSound, type Checked } from '../checked.ts';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { invalid, ServiceError } from '../service-error.ts';
import { capColumns } from './caps.ts';
import {
  changesCredentials,
  checkCredentials,
  checkWebhookSecret,
  hintOf,
  mergeCredentials,
} from './credentials.ts';
import { findConnection, ownerOf, type ConnectionRow } from './rows.ts';
import { toWire } from './to-wire.ts';
import { askProvider, toColumns } from './verification.ts';

export type UpdateConnectionInput = {
  readonly id: string;
  readonly body: Checked<UpdateProviderConnectionRequest>;
  readonly baseUrl: string;
};

/** Rotations that meet are done one after the other, each on what the one before it left. */
const TRIES = 5;

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
  const { kysely } = deps.database;
  for (let tries = 1; tries <= TRIES; tries += 1) {
    const row = await findConnection(kysely, principal.accountId, id);
    const changes = await prepareChanges(deps, row, body);
    const author = { ...principal, changed: Object.keys(body.sound) };
    if (await store(deps, { row, changes, author })) {
      const changed = await findConnection(kysely, principal.accountId, id);
      return toWire(changed, { baseUrl, now: deps.now() });
    }
  }
  throw new ServiceError('conflict', 'The connection was changed at the same time; try again');
}

type Changes = Awaited<ReturnType<typeof prepareChanges>>;

async function prepareChanges(
  deps: ServiceDeps,
  row: ConnectionRow,
  checked: Checked<UpdateProviderConnectionRequest>,
) {
  const { sound, unsound } = checked;
  const name = [
    ...checkLine(sound.display_name, 'display_name'),
    ...checkWebhookSecret(deps.providers.get(row.provider), sound.webhook_secret),
  ];
  if (!changesCredentials(sound)) {
    const body = requireSound(checked, name);
    return { plain: plainColumns(deps, row, body), rotated: null };
  }
  const provider = deps.providers.get(row.provider);
  if (!provider) throw invalid(`provider ${row.provider} is not available in this version`);
  const secrets = openSecrets(deps.keyring, ownerOf(row), row.secrets);
  const credentials = mergeCredentials({ settings: row.settings, secrets }, sound);
  const wrong = checkCredentials(provider, credentials, unsound);
  const body = requireSound(checked, [...name, ...wrong]);
  const { id, accountId } = row;
  const version = row.version + 1;
  const result = await askProvider(provider, { id, accountId, version, ...credentials });
  if (result.status === 'failed') throw invalid(`Credentials were refused: ${result.message}`);
  const rotated = {
    // Unreachable: the verdict on the old credentials says nothing of the new ones.
    status: 'unverified' as const,
    verifiedAt: null,
    invalidSince: null,
    ...toColumns(result, { tries: 0, now: deps.now() }),
    settings: JSON.stringify(credentials.settings),
    secrets: sealSecrets(deps.keyring, ownerOf(row), { ...credentials.secrets }),
    secretsHint: hintOf(credentials.secrets),
    version,
    pausedUntil: null,
    pauseReason: null,
  };
  return { plain: plainColumns(deps, row, body), rotated };
}

function plainColumns(
  deps: ServiceDeps,
  row: ConnectionRow,
  body: UpdateProviderConnectionRequest,
) {
  const { display_name: name, priority, enabled, webhook_secret: webhookSecret } = body;
  return {
    ...capColumns(body),
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

type Storing = {
  readonly row: ConnectionRow;
  readonly changes: Changes;
  readonly author: Principal & { readonly changed: readonly string[] };
};

/** False when another rotation came between: what was verified is not what would be stored. */
async function store(
  deps: ServiceDeps,
  { row, changes: { plain, rotated }, author }: Storing,
): Promise<boolean> {
  const { accountId, id, version } = row;
  return deps.database.kysely.transaction().execute(async (transaction) => {
    const before = await transaction
      .selectFrom('connections')
      .select('status')
      .where('accountId', '=', accountId)
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    let update = transaction
      .updateTable('connections')
      .set({ ...plain, ...rotated, updatedAt: deps.now() })
      .where('accountId', '=', accountId)
      .where('id', '=', id);
    if (rotated) update = update.where('version', '=', version);
    const { numUpdatedRows } = await update.executeTakeFirst();
    if (numUpdatedRows === 0n) return false;
    const client = clientOf(transaction);
    const key = { accountId, connectionId: id };
    if (rotated) await closeBreakers(client, key);
    if (rotated && before?.status === 'invalid') {
      const reason = 'credentials refused';
      await insertConnectionEvent(client, 'connection.recovered', {
        ...key,
        receiver: '*',
        reason,
      });
    }
    if (rotated || plain.disabledAt === null || isRaised(plain)) {
      await wakeWaiting(client, accountId);
    }
    // Which fields, not what is in them: some are secrets.
    const detail = { display_name: row.displayName, changed: author.changed };
    const action = 'provider_connection.updated';
    await recordChange(transaction, author, { action, subjectId: id, detail });
    return true;
  });
}

/** Mail may wait for the end of a cap that is another now. */
function isRaised(plain: Changes['plain']): boolean {
  const { maxPerSecond, maxPerDay, maxPerMonth } = plain;
  return [maxPerSecond, maxPerDay, maxPerMonth].some((cap) => cap !== undefined);
}
