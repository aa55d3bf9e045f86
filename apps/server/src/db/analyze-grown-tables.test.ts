import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMailFixture, type MailFixture } from '../../test/support/mail-fixture.ts';
import { analyzeGrownTables } from './analyze-grown-tables.ts';

let mail: MailFixture;
let accountId: string;

beforeAll(async () => {
  mail = await createMailFixture();
  accountId = await mail.createAccount();
});
afterAll(() => mail.close());
beforeEach(async () => {
  await mail.database.pool.query('delete from queue');
  // As autovacuum leaves it when all has been sent.
  await mail.database.pool.query('vacuum analyze queue');
});

async function fill(rows: number): Promise<void> {
  await mail.database.pool.query(
    `insert into queue (account_id, email_id, run_at, deadline)
     select $1, gen_random_uuid(), now(), now() from generate_series(1, $2::int)`,
    [accountId, rows],
  );
}

async function knownRows(table: string): Promise<number> {
  const { rows } = await mail.database.pool.query<{ reltuples: number }>(
    'select reltuples from pg_class where oid = $1::regclass',
    [table],
  );
  return rows[0]?.reltuples ?? NaN;
}

describe('the queue', () => {
  it('is counted when mail has come since it was empty', async () => {
    await fill(1_000);
    expect(await knownRows('queue')).toBe(0);
    await analyzeGrownTables(mail.database.pool);
    expect(await knownRows('queue')).toBe(1_000);
  });

  it('is counted no more than its growth asks for', async () => {
    await fill(200);
    await analyzeGrownTables(mail.database.pool);
    expect(await knownRows('queue')).toBe(0);
    await fill(200);
    await analyzeGrownTables(mail.database.pool);
    expect(await knownRows('queue')).toBe(400);
    await fill(1_000);
    await analyzeGrownTables(mail.database.pool);
    expect(await knownRows('queue')).toBe(400);
    await fill(300);
    await analyzeGrownTables(mail.database.pool);
    expect(await knownRows('queue')).toBe(1_700);
  });
});

it('counts any table that has grown to four times what was known of it', async () => {
  const { pool } = mail.database;
  const fillSuppressions = async (rows: number) => {
    const client = await pool.connect();
    try {
      await client.query(
        `insert into suppressions (account_id, id, address, reason)
         select $1, id, id || '@example.com', 'manual'
         from (select gen_random_uuid() as id from generate_series(1, $2::int)) n`,
        [accountId, rows],
      );
      // Else its statistics come up to a second later.
      await client.query('select pg_stat_force_next_flush()');
      await client.query('select 1');
    } finally {
      client.release();
    }
  };
  await fillSuppressions(300);
  await analyzeGrownTables(pool);
  expect(await knownRows('suppressions')).toBe(300);
  await fillSuppressions(1_000);
  await analyzeGrownTables(pool);
  expect(await knownRows('suppressions')).toBe(1_300);
});
