import type { Database } from '../../db/database.ts';

const STEP = 5_000;

/** Housekeeping: entries whose time is over; they have held nothing back since. */
export async function deleteExpiredSuppressions(database: Database): Promise<void> {
  for (;;) {
    const result = await database.pool.query(
      `delete from suppressions where ctid = any(array(
         select ctid from suppressions where expires_at < now() limit $1 for update skip locked))`,
      [STEP],
    );
    if ((result.rowCount ?? 0) < STEP) return;
  }
}
