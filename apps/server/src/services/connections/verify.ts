import type { VerificationAnswer } from '@courierx/contract';
import { clientOf } from '../../db/database.ts';
import type { VerificationResult } from '../../providers/provider.ts';
import { insertConnectionEvent } from '../../queue/insert-connection-event.ts';
import { hastenProbes } from '../../queue/move-breaker.ts';
import { wakeWaiting } from '../../queue/wake-waiting.ts';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { findConnection, toProviderConnection, type ConnectionRow } from './rows.ts';
import { askProvider, toColumns } from './verification.ts';

/** Asks the provider now and keeps its answer; a yes makes a refused connection usable again. */
export async function verifyConnection(
  deps: ServiceDeps,
  principal: Principal,
  id: string,
): Promise<VerificationAnswer> {
  requirePermission(principal, 'write');
  const row = await findConnection(deps.database.kysely, principal.accountId, id);
  const { status, message } = await verifyRow(deps, row);
  return { verification: { status, message } };
}

/** Verifies one stored connection and records the verdict on exactly those credentials. */
export async function verifyRow(
  deps: ServiceDeps,
  row: ConnectionRow,
): Promise<VerificationResult> {
  const provider = deps.providers.get(row.provider);
  const result: VerificationResult = provider
    ? await askProvider(provider, toProviderConnection(deps.keyring, row))
    : { status: 'unreachable', message: `This version has no adapter for ${row.provider}` };
  await store(deps, row, result);
  return result;
}

async function store(
  deps: ServiceDeps,
  { accountId, id, version, verificationTries: tries }: ConnectionRow,
  result: VerificationResult,
): Promise<void> {
  await deps.database.kysely.transaction().execute(async (transaction) => {
    const before = await transaction
      .selectFrom('connections')
      .select(['status', 'invalidSince'])
      .where('accountId', '=', accountId)
      .where('id', '=', id)
      .where('version', '=', version)
      .forUpdate()
      .executeTakeFirst();
    if (!before) return;
    const columns = toColumns(result, { tries, now: deps.now() });
    const { invalidSince } = before;
    await transaction
      .updateTable('connections')
      .set({ ...columns, ...(invalidSince && columns.status === 'invalid' && { invalidSince }) })
      .set({ updatedAt: deps.now() })
      .where('accountId', '=', accountId)
      .where('id', '=', id)
      .execute();
    const client = clientOf(transaction);
    const key = { accountId, connectionId: id };
    const wasInvalid = before.status === 'invalid';
    if (columns.status !== undefined && wasInvalid !== (columns.status === 'invalid')) {
      const type = wasInvalid ? 'connection.recovered' : 'connection.degraded';
      const reason = 'credentials refused';
      await insertConnectionEvent(client, type, { ...key, receiver: '*', reason });
    }
    if (result.status !== 'verified') return;
    await hastenProbes(client, key);
    await wakeWaiting(client, accountId);
  });
}
