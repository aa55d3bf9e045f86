import type { ConnectionChange } from '@courierx/contract';
import type { ServiceDeps } from '../context.ts';
import { healthToWire } from '../connections/health-to-wire.ts';
import { breakersColumn } from '../connections/rows.ts';

/** How every connection of an account does now. */
export async function loadConnectionChanges(
  { database, now }: Pick<ServiceDeps, 'database' | 'now'>,
  accountId: string,
): Promise<ConnectionChange[]> {
  const rows = await database.kysely
    .selectFrom('connections')
    .select(['id', 'status', 'verificationMessage', 'invalidSince'])
    .select(['pausedUntil', 'pauseReason', 'disabledAt', 'updatedAt'])
    .select(breakersColumn)
    .where('accountId', '=', accountId)
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    status: row.status,
    enabled: row.disabledAt === null,
    health: healthToWire(row, now()),
    updated_at: row.updatedAt.toISOString(),
  }));
}
