import type pg from 'pg';

/** Every table with rows of accounts, also those made after this was written; no partitions. */
export async function accountTables(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    `select c.table_name as name
     from information_schema.columns c
     join pg_class p on p.oid = quote_ident(c.table_name)::regclass and not p.relispartition
     where c.table_schema = current_schema() and c.column_name = 'account_id'
       and p.relkind in ('r', 'p')
     order by 1`,
  );
  return rows.map(({ name }) => name);
}

/** What is written down by the way, not changed by anybody. */
const INCIDENTAL = ['last_used_at'];

/** All that is stored of an account, by table; tables without a row of it are left out. */
export async function readAccountRows(
  pool: pg.Pool,
  accountId: string,
): Promise<Record<string, unknown[]>> {
  const found: Record<string, unknown[]> = {};
  for (const table of ['accounts', ...(await accountTables(pool))]) {
    const key = table === 'accounts' ? 'id' : 'account_id';
    const { rows } = await pool.query<{ row: unknown }>(
      `select to_jsonb(t) - $2::text[] as row from ${table} t where ${key} = $1 order by 1`,
      [accountId, INCIDENTAL],
    );
    if (rows.length > 0) found[table] = rows.map(({ row }) => row);
  }
  return found;
}
