import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { migrate } from '../../src/db/migrate.ts';
import { ensurePartitions } from '../../src/db/partitions.ts';
import { sha256 } from '../../src/lib/crypto.ts';
import { newId } from '../../src/lib/ids.ts';
import { runOnServer, withDatabaseName } from '../support/database-url.ts';

const MIGRATIONS = new URL('../../src/db/migrations/', import.meta.url);
const BEFORE = '0008';
const ACCOUNT = newId();

const name = `courierx_test_${randomBytes(6).toString('hex')}`;
let client: pg.Client;

beforeAll(async () => {
  const { url } = inject('testServer');
  await runOnServer(url, `create database ${name}`);
  client = new pg.Client({ connectionString: withDatabaseName(url, name) });
  await client.connect();
  await migrateTo(BEFORE);
});
afterAll(async () => {
  await client.end();
  await runOnServer(inject('testServer').url, `drop database if exists ${name} with (force)`);
});

/** As an older version left it: what came with `end` and later is not there. */
async function migrateTo(end: string): Promise<void> {
  await client.query(`create table migrations (
    name text primary key, checksum text not null, applied_at timestamptz not null default now())`);
  const files = (await readdir(MIGRATIONS)).filter((file) => file.endsWith('.sql')).sort();
  for (const file of files.filter((file) => file < end)) {
    const sql = await readFile(new URL(file, MIGRATIONS), 'utf8');
    await client.query(sql);
    await client.query('insert into migrations (name, checksum) values ($1, $2)', [
      file,
      sha256(sql).toString('hex'),
    ]);
  }
  await ensurePartitions(client, new Date());
}

type Told = { type: string; recipient: string; provider?: string; bounce?: 'hard' | 'soft' };

async function addEmail(mode: 'live' | 'test', events: readonly Told[]): Promise<void> {
  const id = newId();
  await client.query(
    `insert into emails (account_id, id, mode, message_id, from_email, reply_to, recipients,
       recipient_search, subject, tags, metadata, deadline, created_at)
     values ($1, $2, $3, '<x>', 'a@example.com', '[]', '[]', '', 'Hello', '{}', '{}', now(), now())`,
    [ACCOUNT, id, mode],
  );
  for (const { type, recipient, provider = 'smtp', bounce = null } of events) {
    await client.query(
      `insert into email_events (account_id, email_id, id, type, recipient, provider, bounce_type,
         occurred_at) values ($1, $2, $3, $4, $5, $6, $7, now())`,
      [ACCOUNT, id, newId(), type, recipient, provider, bounce],
    );
  }
}

it('counts the mail and events that a database had before its figures were kept', async () => {
  await client.query(
    `insert into accounts (id, name, email, password_hash, data_key, data_key_master)
     values ($1, 'Ada', 'ada@example.com', 'x', '', 'x')`,
    [ACCOUNT],
  );
  const [ada, bob] = ['ada@example.com', 'bob@example.com'];
  await addEmail('live', [
    { type: 'sent', recipient: ada },
    { type: 'delivered', recipient: ada },
    { type: 'opened', recipient: ada },
    { type: 'opened', recipient: ada },
    { type: 'sent', recipient: bob },
    { type: 'bounced', recipient: bob, bounce: 'hard' },
  ]);
  // A second copy, from another provider: the first counts.
  await addEmail('live', [
    { type: 'sent', recipient: ada, provider: 'sendgrid' },
    { type: 'sent', recipient: ada, provider: 'smtp' },
    { type: 'bounced', recipient: ada, bounce: 'soft' },
  ]);
  await addEmail('live', []);
  await addEmail('test', [{ type: 'sent', recipient: ada }]);

  const { applied } = await migrate({
    connectionString: withDatabaseName(inject('testServer').url, name),
  });
  expect(applied[0]).toContain(BEFORE);

  const { rows } = await client.query<{ provider: string; type: string; amount: number }>(
    `select provider, type, amount::int as amount from usage_days where account_id = $1`,
    [ACCOUNT],
  );
  const sums = Object.fromEntries(rows.map((row) => [`${row.provider} ${row.type}`, row.amount]));
  expect(sums).toEqual({
    ' accepted': 3,
    'smtp sent': 2,
    'sendgrid sent': 1,
    'smtp delivered': 1,
    'smtp opened': 1,
    'smtp bounced': 2,
    'smtp hard_bounced': 1,
  });
});
