import type pg from 'pg';
import type { ServiceDeps } from '../context.ts';

const STEP = 5_000;
/** A run ends in time for the next. */
const RUN_MS = 45_000;
/** What was under way when the account ended has come to rest by then. */
const REST = '2 minutes';

/**
 * Housekeeping: takes away the rows of deleted accounts, in steps that hold nobody up. The account
 * itself goes last, when nothing of it is left. Returns how many accounts are gone.
 */
export async function purgeDeletedAccounts({ database: { pool } }: ServiceDeps): Promise<number> {
  const endAt = performance.now() + RUN_MS;
  const deleted = await pool.query<{ id: string; isAtRest: boolean }>(
    `select id, deleted_at < now() - interval '${REST}' as "isAtRest" from accounts
     where deleted_at is not null order by deleted_at limit 100`,
  );
  if (deleted.rows.length === 0) return 0;
  const tables = await findTables(pool);
  let gone = 0;
  for (const { id, isAtRest } of deleted.rows) {
    for (const table of tables) {
      if (!(await emptyTable(pool, { table, id, endAt }))) return gone;
    }
    if (!isAtRest) continue;
    await pool.query('delete from accounts where id = $1 and deleted_at is not null', [id]);
    gone += 1;
  }
  return gone;
}

/**
 * Every table with rows of accounts, the partitions of partitioned ones each for itself; also those
 * that are made after this was written. Mail waiting to be sent goes first.
 */
async function findTables(pool: pg.Pool): Promise<string[]> {
  const result = await pool.query<{ name: string }>(
    `select quote_ident(c.relname) as name
     from pg_class c
     join pg_attribute a on a.attrelid = c.oid and a.attname = 'account_id' and not a.attisdropped
     where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace
     order by c.relname <> 'queue', c.relname`,
  );
  return result.rows.map(({ name }) => name);
}

/** False when the time is up before the table is empty. */
async function emptyTable(
  pool: pg.Pool,
  { table, id, endAt }: { table: string; id: string; endAt: number },
): Promise<boolean> {
  for (;;) {
    const { rowCount } = await pool.query(
      // The name comes from the catalog, quoted by the database itself.
      `delete from ${table} where ctid = any(array(
         select ctid from ${table} where account_id = $1 limit $2))`,
      [id, STEP],
    );
    if ((rowCount ?? 0) < STEP) return true;
    if (performance.now() > endAt) return false;
  }
}
