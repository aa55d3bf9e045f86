import { afterAll, beforeAll, expect, it } from 'vitest';
import { createMailFixture, type MailFixture } from '../../test/support/mail-fixture.ts';
import { ensurePartitions, PARTITIONED_TABLES } from './partitions.ts';

let fixture: MailFixture;
beforeAll(async () => {
  fixture = await createMailFixture();
});
afterAll(() => fixture.close());

/** Made on a node whose clock was years ahead, so no month's tables were there for it. */
const EARLY = '0206a7d5-1000-7000-8000-000000000001';
const MADE_AT = new Date(Number.parseInt('0206a7d51000', 16));

it('makes the tables of a month that mail was taken in before they were there, and keeps that mail', async () => {
  const { pool } = fixture.database;
  const accountId = await fixture.createAccount();
  const { id } = await fixture.send(accountId, {
    attachments: [{ filename: 'a.txt', content: 'aGVsbG8=' }],
  });
  for (const table of PARTITIONED_TABLES) {
    const key = table === 'emails' ? 'id' : 'email_id';
    await pool.query(`update ${table} set ${key} = $1 where ${key} = $2`, [EARLY, id]);
  }
  const before = await fixture.get(accountId, EARLY);

  await ensurePartitions(pool, MADE_AT);

  expect(await fixture.get(accountId, EARLY)).toEqual(before);
  for (const table of PARTITIONED_TABLES) {
    const left = await pool.query(`select 1 from ${table}_default`);
    expect([table, left.rows.length]).toEqual([table, 0]);
  }
  await ensurePartitions(pool, MADE_AT);
});
