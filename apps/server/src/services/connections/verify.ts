import type { VerificationAnswer } from '@courierx/contract';
import { clientOf } from '../../db/database.ts';
import type { VerificationResult } from '../../providers/provider.ts';
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
  const { accountId, id, version, verificationTries: tries } = row;
  await deps.database.kysely.transaction().execute(async (transaction) => {
    const updated = await transaction
      .updateTable('connections')
      .set({ ...toColumns(result, { tries, now: deps.now() }), updatedAt: deps.now() })
      .where('accountId', '=', accountId)
      .where('id', '=', id)
      .where('version', '=', version)
      .executeTakeFirst();
    const isUsable = result.status === 'verified' && updated.numUpdatedRows > 0n;
    if (isUsable) await wakeWaiting(clientOf(transaction), accountId);
  });
  return result;
}
