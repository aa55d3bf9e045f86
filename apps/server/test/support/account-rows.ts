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

type Column = { name: string; type: string };

const VALUES: Readonly<Record<string, string>> = {
  uuid: 'gen_random_uuid()',
  text: `'x'`,
  bytea: `'x'`,
  boolean: 'true',
  integer: '1',
  bigint: '1',
  numeric: '1',
  'double precision': '1',
  date: 'current_date',
  'timestamp with time zone': 'now()',
  jsonb: `'{}'`,
  ARRAY: `'{}'`,
};

/**
 * Puts a row of the account into each table that has none: `ids` by column, anything elsewhere.
 * Throws where a table takes no such row: then give what it needs.
 */
export async function fillAccountTables(
  pool: pg.Pool,
  ids: Readonly<Record<string, string>> & { account_id: string },
): Promise<void> {
  const filled = await readAccountRows(pool, ids.account_id);
  for (const table of await accountTables(pool)) {
    if (filled[table]) continue;
    const { rows: columns } = await pool.query<Column>(
      `select column_name as name, data_type as type from information_schema.columns
       where table_schema = current_schema() and table_name = $1
         and is_nullable = 'NO' and column_default is null`,
      [table],
    );
    const names = columns.map(({ name }) => name).join(', ');
    const values = columns.map(({ name, type }) => {
      const id = ids[name];
      return id === undefined ? (VALUES[type] ?? `no value for ${table}.${name}`) : `'${id}'`;
    });
    await pool.query(`insert into ${table} (${names}) values (${values.join(', ')})`);
  }
}
