import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

/**
 * Tables without an account: on Citus they are reference tables, or stay on the coordinator. Whoever
 * adds one says here why it needs no account.
 */
const WITHOUT_ACCOUNT: Readonly<Record<string, string>> = {
  accounts: 'its id is the account: distributed by it, beside the tables that refer to it',
  migrations: 'of the schema, not of a customer',
  rate_limits: 'also counts addresses that have not logged in; its rows live for a minute',
};
/** Unique indexes that no account leads, and why. */
const UNIQUE_WITHOUT_ACCOUNT: Readonly<Record<string, string>> = {
  accounts_email: 'a log-in finds its account by it',
};

type Index = { table: string; index: string; columns: string[] };
type ForeignKey = {
  name: string;
  table: string;
  columns: string[];
  target: string;
  targets: string[];
};

let database: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  client = new pg.Client(database.connection);
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

async function listTables(): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select relname::text as name from pg_class
     where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
     order by 1`,
  );
  return rows.map(({ name }) => name);
}

async function listUniqueIndexes(): Promise<Index[]> {
  const { rows } = await client.query<Index>(
    `select t.relname::text as table, i.relname::text as index,
            array(select coalesce(a.attname::text, '(expression)')
                  from unnest(x.indkey) with ordinality as k(number, place)
                  left join pg_attribute a on a.attrelid = t.oid and a.attnum = k.number and k.number > 0
                  order by place) as columns
     from pg_index x
     join pg_class i on i.oid = x.indexrelid
     join pg_class t on t.oid = x.indrelid
     where t.relnamespace = 'public'::regnamespace and not t.relispartition and x.indisunique
     order by 1, 2`,
  );
  return rows;
}

async function listForeignKeys(): Promise<ForeignKey[]> {
  const columns = (of: string, by: string) =>
    `array(select a.attname::text from unnest(k.${by}) with ordinality as c(number, place)
           join pg_attribute a on a.attrelid = k.${of} and a.attnum = c.number order by place)`;
  const { rows } = await client.query<ForeignKey>(
    `select k.conname::text as name, k.conrelid::regclass::text as table,
            k.confrelid::regclass::text as target,
            ${columns('conrelid', 'conkey')} as columns,
            ${columns('confrelid', 'confkey')} as targets
     from pg_constraint k
     where k.contype = 'f' and k.connamespace = 'public'::regnamespace and k.conparentid = 0`,
  );
  return rows;
}

describe('a schema that could be distributed by account', () => {
  it('has the account first in every primary key', async () => {
    const { rows } = await client.query<{ table: string; first: string }>(
      `select t.relname::text as table, a.attname::text as first
       from pg_index x join pg_class t on t.oid = x.indrelid
       join pg_attribute a on a.attrelid = t.oid and a.attnum = x.indkey[0]
       where t.relnamespace = 'public'::regnamespace and x.indisprimary and not t.relispartition`,
    );
    const firsts = new Map(rows.map(({ table, first }) => [table, first]));
    const tables = await listTables();
    expect(tables).toContain('emails');
    const wrong = tables.filter(
      (table) => !(table in WITHOUT_ACCOUNT) && firsts.get(table) !== 'account_id',
    );
    expect(wrong).toEqual([]);
  });

  it('has the account in every unique index: across accounts nothing is unique', async () => {
    const indexes = await listUniqueIndexes();
    expect(indexes.map(({ index }) => index)).toContain('suppressions_id');
    const wrong = indexes.filter(
      ({ table, index, columns }) =>
        !(table in WITHOUT_ACCOUNT) &&
        !(index in UNIQUE_WITHOUT_ACCOUNT) &&
        columns[0] !== 'account_id',
    );
    expect(wrong).toEqual([]);
    const onAccounts = indexes.filter(({ table }) => table === 'accounts');
    expect(
      onAccounts.filter(
        ({ index, columns }) => columns[0] !== 'id' && !(index in UNIQUE_WITHOUT_ACCOUNT),
      ),
    ).toEqual([]);
  });

  it('has no foreign key from one account to another', async () => {
    const keys = await listForeignKeys();
    expect(keys.length).toBeGreaterThan(0);
    const wrong = keys.filter(({ columns, target, targets }) => {
      const place = columns.indexOf('account_id');
      return targets[place] !== (target === 'accounts' ? 'id' : 'account_id');
    });
    expect(wrong).toEqual([]);
  });

  it('keeps its list of exceptions to tables and indexes that exist', async () => {
    const tables = await listTables();
    const indexes = (await listUniqueIndexes()).map(({ index }) => index);
    expect(Object.keys(WITHOUT_ACCOUNT).filter((name) => !tables.includes(name))).toEqual([]);
    expect(Object.keys(UNIQUE_WITHOUT_ACCOUNT).filter((name) => !indexes.includes(name))).toEqual(
      [],
    );
  });
});
