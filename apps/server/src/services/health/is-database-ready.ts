import type pg from 'pg';
import type { Database } from '../../db/database.ts';

/** Past it a probe counts as failed; a network that swallows packets never says so itself. */
const LIMIT_MS = 2_000;

/** Whether the database answers a query. */
export async function isDatabaseReady(database: Database): Promise<boolean> {
  try {
    await Promise.race([ask(database.pool), pastLimit()]);
    return true;
  } catch {
    return false;
  }
}

async function ask(pool: pg.Pool): Promise<void> {
  await pool.query('select 1');
}

function pastLimit(): Promise<never> {
  return new Promise((_resolve, reject) => {
    AbortSignal.timeout(LIMIT_MS).addEventListener('abort', () => {
      reject(new Error('The database did not answer in time.'));
    });
  });
}
