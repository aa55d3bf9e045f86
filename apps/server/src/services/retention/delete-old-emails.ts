import type pg from 'pg';
import { firstIdAt } from '../../lib/ids.ts';

const STEP = 1_000;
const DAY_MS = 24 * 60 * 60 * 1000;

/** All that hangs on an email; `emails` itself goes last, since it is what the others are found by. */
const PARTS = ['email_contents', 'email_attachments', 'attempts', 'email_events', 'email_states'];

/** The sandbox keeps messages whole. */
const CONTENTS = ['email_attachments', 'email_contents', 'sandbox_messages'] as const;

type Due = { readonly id: string; readonly days: number };

/**
 * Takes away the emails that are older than their account keeps them, a thousand in a transaction.
 * One that is still to be sent stays until it is settled. Returns how many went.
 */
export async function deleteOldEmails(pool: pg.Pool, now: Date, endAt: number): Promise<number> {
  const accounts = await pool.query<Due>(
    `select id, retention_days as days from accounts
     where retention_days is not null and deleted_at is null order by id`,
  );
  let count = 0;
  for (const account of accounts.rows) {
    for (;;) {
      if (performance.now() > endAt) return count;
      const step = await deleteStep(pool, account.id, oldest(account, now));
      count += step;
      if (step < STEP) break;
    }
  }
  return count;
}

async function deleteStep(pool: pg.Pool, accountId: string, before: string): Promise<number> {
  const parts = PARTS.map(
    (table) => `${table}_gone as (
       delete from ${table} p using due
       where p.account_id = $1 and p.email_id = due.id and p.email_id < $2)`,
  );
  const result = await pool.query<{ count: number }>(
    `with due as materialized (
       select e.id from emails e
       where e.account_id = $1 and e.id < $2
         and not exists (select 1 from queue q where q.account_id = $1 and q.email_id = e.id)
       order by e.id limit $3),
     ${parts.join(',\n')},
     emails_gone as (
       delete from emails e using due
       where e.account_id = $1 and e.id = due.id and e.id < $2 returning e.id)
     select count(*)::int as count from emails_gone`,
    [accountId, before, STEP],
  );
  return result.rows[0]?.count ?? 0;
}

/** The same for what was in them; the record of the email stays. */
export async function deleteOldContents(pool: pg.Pool, now: Date, endAt: number): Promise<number> {
  const accounts = await pool.query<Due>(
    `select id, least(content_retention_days, retention_days) as days from accounts
     where coalesce(content_retention_days, retention_days) is not null and deleted_at is null
     order by id`,
  );
  let count = 0;
  for (const account of accounts.rows) {
    for (const table of CONTENTS) {
      for (;;) {
        if (performance.now() > endAt) return count;
        const step = await contentStep(pool, { table, account, before: oldest(account, now) });
        count += step;
        if (step < STEP) break;
      }
    }
  }
  return count;
}

type ContentStep = {
  readonly table: (typeof CONTENTS)[number];
  readonly account: Due;
  readonly before: string;
};

async function contentStep(
  pool: pg.Pool,
  { table, account, before }: ContentStep,
): Promise<number> {
  const result = await pool.query<{ count: number }>(
    `with due as materialized (
       select distinct c.email_id from (
         select c.email_id from ${table} c
         where c.account_id = $1 and c.email_id < $2
           and not exists (select 1 from queue q
                           where q.account_id = $1 and q.email_id = c.email_id)
         order by c.email_id limit $3) c),
     gone as (
       delete from ${table} c using due
       where c.account_id = $1 and c.email_id = due.email_id and c.email_id < $2
       returning 1)
     select count(*)::int as count from gone`,
    [account.id, before, STEP],
  );
  return result.rows[0]?.count ?? 0;
}

/** Ids begin with the time they were made in. */
function oldest({ days }: Due, now: Date): string {
  return firstIdAt(new Date(now.getTime() - days * DAY_MS));
}
