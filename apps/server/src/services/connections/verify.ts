import type { VerificationAnswer } from '@courierx/contract';
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
  await deps.database.kysely
    .updateTable('connections')
    .set(toColumns(result, { tries: row.verificationTries, now: deps.now() }))
    .where('accountId', '=', row.accountId)
    .where('id', '=', row.id)
    .where('version', '=', row.version)
    .execute();
  if (result.status === 'verified') await wakeWaiting(deps.database.pool, row.accountId);
  return result;
}
