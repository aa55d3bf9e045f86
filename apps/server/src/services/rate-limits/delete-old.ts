import type { Database } from '../../db/database.ts';

/** Housekeeping: windows that ended more than an hour ago. */
export async function deleteOldRateLimits(database: Database): Promise<void> {
  await database.pool.query(
    `delete from rate_limits where window_start < now() - interval '1 hour'`,
  );
}
