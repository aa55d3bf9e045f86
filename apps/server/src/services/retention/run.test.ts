import { V7Generator } from 'uuidv7';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createMailFixture, type MailFixture } from '../../../test/support/mail-fixture.ts';
import { ensurePartitions, PARTITIONED_TABLES } from '../../db/partitions.ts';
import { applyRetention } from './run.ts';

const NOW = new Date('2026-06-15T12:00:00Z');
const DAY_MS = 24 * 60 * 60 * 1000;

let mail: MailFixture;
beforeAll(async () => {
  mail = await createMailFixture();
});
beforeEach(async () => {
  // Accounts of the test before would hold their months back.
  await mail.database.pool.query('update accounts set deleted_at = now()');
  await ensurePartitions(mail.database.pool, new Date('2026-01-10T00:00:00Z'));
  await ensurePartitions(mail.database.pool, new Date('2026-04-10T00:00:00Z'));
});
afterAll(() => mail.close());

type Keep = { retentionDays?: number; contentRetentionDays?: number };

async function createAccount(keep: Keep): Promise<string> {
  const id = await mail.createAccount();
  if (Object.keys(keep).length > 0) {
    await mail.database.kysely.updateTable('accounts').set(keep).where('id', '=', id).execute();
  }
  return id;
}

/** A mail as it is left when its sending is over, so many days ago. */
async function addEmail(accountId: string, daysAgo: number): Promise<string> {
  const id = new V7Generator().generateOrResetWithTs(NOW.getTime() - daysAgo * DAY_MS).toString();
  const { pool } = mail.database;
  const at = new Date(NOW.getTime() - daysAgo * DAY_MS);
  const add = (sql: string, values: unknown[] = []) => pool.query(sql, [accountId, id, ...values]);
  await add(
    `insert into emails (account_id, id, mode, message_id, from_email, reply_to, recipients,
       recipient_search, subject, tags, metadata, deadline, created_at)
     values ($1, $2, 'live', '<x>', 'a@example.com', '[]',
       '[{"type":"to","address":"b@example.com","name":null}]', 'b@example.com', 'Hello', '{}', '{}',
       $3, $3)`,
    [at],
  );
  await add(
    `insert into email_contents (account_id, email_id, html, headers) values ($1, $2, 'secret', '[]')`,
  );
  await add(
    `insert into email_attachments (account_id, email_id, position, filename, content_type, content)
     values ($1, $2, 0, 'f', 't', 'x'), ($1, $2, 1, 'f', 't', 'x')`,
  );
  await add(
    `insert into email_states (account_id, email_id, status, recipient_statuses, updated_at)
     values ($1, $2, 'sent', '{sent}', $3)`,
    [at],
  );
  await add(
    `insert into attempts (account_id, email_id, number, connection_id, connection_name, provider,
       lease, trace, started_at) values ($1, $2, 1, $2, 'c', 'smtp', $2, '{}', $3)`,
    [at],
  );
  await add(
    `insert into email_events (account_id, email_id, id, type, occurred_at)
     values ($1, $2, $2, 'sent', $3)`,
    [at],
  );
  await add(
    `insert into sandbox_messages (account_id, email_id, connection_id, attempt_number, message)
     values ($1, $2, $2, 1, '{}')`,
  );
  return id;
}

async function queue(accountId: string, id: string): Promise<void> {
  await mail.database.pool.query(
    `insert into queue (account_id, email_id, run_at, deadline) values ($1, $2, now(), now())`,
    [accountId, id],
  );
}

/** How many rows each table has of an email. */
async function partsOf(accountId: string, id: string): Promise<Record<string, number>> {
  const counts = await Promise.all(
    [...PARTITIONED_TABLES, 'sandbox_messages'].map(async (table) => {
      const key = table === 'emails' ? 'id' : 'email_id';
      const { rows } = await mail.database.pool.query<{ count: number }>(
        `select count(*)::int as count from ${table} where account_id = $1 and ${key} = $2`,
        [accountId, id],
      );
      return [table, rows[0]?.count ?? 0] as const;
    }),
  );
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

const WHOLE = {
  emails: 1,
  email_contents: 1,
  email_attachments: 2,
  email_states: 1,
  attempts: 1,
  email_events: 1,
  sandbox_messages: 1,
};
const RECORD = { emails: 1, email_states: 1, attempts: 1, email_events: 1 };

const run = () => applyRetention({ ...mail, now: () => NOW });

test('keeps everything of an account that set nothing', async () => {
  const account = await createAccount({});
  const id = await addEmail(account, 150);
  expect(await run()).toEqual({ partitions: [], emails: 0, contents: 0 });
  expect(await partsOf(account, id)).toEqual(WHOLE);
});

test('takes old emails whole, and of others their contents; each account by its own days', async () => {
  const forever = await createAccount({});
  const short = await createAccount({ retentionDays: 30 });
  const slim = await createAccount({ contentRetentionDays: 7 });
  const both = await createAccount({ retentionDays: 60, contentRetentionDays: 10 });
  const old = {
    forever: await addEmail(forever, 40),
    short: await addEmail(short, 40),
    slim: await addEmail(slim, 40),
    both: await addEmail(both, 40),
  };
  const young = { short: await addEmail(short, 29), slim: await addEmail(slim, 6) };
  const result = await run();
  expect(result.partitions).toEqual([]);
  expect(result.emails).toBe(1);
  expect(await partsOf(forever, old.forever)).toEqual(WHOLE);
  expect(await partsOf(short, old.short)).toEqual({});
  expect(await partsOf(slim, old.slim)).toEqual(RECORD);
  expect(await partsOf(both, old.both)).toEqual(RECORD);
  expect(await partsOf(short, young.short)).toEqual(WHOLE);
  expect(await partsOf(slim, young.slim)).toEqual(WHOLE);
  const shown = await mail.get(slim, old.slim);
  expect(shown).toMatchObject({ subject: 'Hello', html_body: null, attachments: [] });
});

test('leaves mail alone that is still to be sent', async () => {
  const account = await createAccount({ retentionDays: 1, contentRetentionDays: 1 });
  const waiting = await addEmail(account, 150);
  await queue(account, waiting);
  const { partitions } = await run();
  expect(await partsOf(account, waiting)).toMatchObject({ emails: 1, email_contents: 1 });
  expect(partitions).not.toContain('emails_y2026m01');
  await mail.database.pool.query('delete from queue where account_id = $1', [account]);
  await run();
  expect(await partsOf(account, waiting)).toEqual({});
});

test('drops the months that all accounts are past, contents by their own days', async () => {
  const one = await createAccount({ retentionDays: 60 });
  const two = await createAccount({ retentionDays: 90, contentRetentionDays: 30 });
  const ids = {
    gone: await addEmail(one, 140),
    slim: await addEmail(two, 80),
    kept: await addEmail(one, 50),
  };
  const { partitions } = await run();
  // 90 days before 15 June is 17 March; 60 days, the longest of the contents', is 16 April.
  expect(partitions).toEqual(
    expect.arrayContaining(['emails_y2026m01', 'attempts_y2026m02', 'email_contents_y2026m03']),
  );
  expect(partitions).not.toContain('emails_y2026m03');
  expect(partitions).not.toContain('email_contents_y2026m04');
  expect(await partsOf(one, ids.gone)).toEqual({});
  expect(await partsOf(two, ids.slim)).toEqual(RECORD);
  expect(await partsOf(one, ids.kept)).toEqual(WHOLE);
  // What was counted stays counted.
  const { rows } = await mail.database.pool.query<{ type: string; count: number }>(
    `select type, sum(amount)::int as count from usage_deltas where account_id = $1 group by type`,
    [one],
  );
  expect(Object.fromEntries(rows.map(({ type, count }) => [type, count]))).toEqual({
    accepted: 2,
    sent: 2,
  });
});

test('goes on in steps through more than one of them holds', async () => {
  const account = await createAccount({ retentionDays: 1 });
  const id = await addEmail(account, 10);
  await mail.database.pool.query(
    `insert into emails (account_id, id, mode, message_id, from_email, reply_to, recipients,
       recipient_search, subject, tags, metadata, deadline, created_at)
     select account_id, overlay(id::text placing lpad(to_hex(n), 12, '0') from 25)::uuid, mode,
       message_id, from_email, reply_to, recipients, recipient_search, subject, tags, metadata,
       deadline, created_at
     from emails, generate_series(1, 2500) n where account_id = $1 and id = $2`,
    [account, id],
  );
  expect((await run()).emails).toBe(2501);
});
