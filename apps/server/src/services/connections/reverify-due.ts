import type { ServiceDeps } from '../context.ts';
import { selectConnections } from './rows.ts';
import { verifyRow } from './verify.ts';

const STEP = 20;

/**
 * Housekeeping: asks again where a provider could not be asked, or refused. A row is put off before
 * it is asked about, so that two nodes never ask together.
 */
export async function reverifyDue(deps: ServiceDeps): Promise<number> {
  const due = await deps.database.pool.query<{ id: string }>(
    `update connections set next_verification_at = now() + interval '2 minutes'
     where ctid = any(array(
       select ctid from connections
       where next_verification_at <= now() and disabled_at is null
       order by next_verification_at limit $1 for update skip locked))
     returning id`,
    [STEP],
  );
  if (due.rows.length === 0) return 0;
  const ids = due.rows.map((row) => row.id);
  const rows = await selectConnections(deps.database.kysely)
    .where('connections.id', 'in', ids)
    .execute();
  await Promise.all(rows.map((row) => verifyRow(deps, row)));
  return rows.length;
}
