import type { Database } from '../../db/database.ts';

/** Whether the database answers a query. */
export async function isDatabaseReady(database: Database): Promise<boolean> {
  try {
    await database.pool.query('select 1');
    return true;
  } catch {
    return false;
  }
}
