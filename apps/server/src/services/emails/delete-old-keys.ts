import type { Database } from '../../db/database.ts';

/** Housekeeping: idempotency keys past their 24 hours, a step at a time. */
export async function deleteOldIdempotencyKeys(database: Database): Promise<void> {
  const STEP = 10_000;
  for (;;) {
    const result = await database.pool.query(
      `delete from idempotency_keys where ctid = any(array(
         select ctid from idempotency_keys where created_at < now() - interval '25 hours' limit $1))`,
      [STEP],
    );
    if ((result.rowCount ?? 0) < STEP) return;
  }
}
