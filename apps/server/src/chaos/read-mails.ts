import type { EmailStatus, OnUnknown } from '@courierx/contract';
import type pg from 'pg';
import { fateOf } from './accounts.ts';
import type { MailRecord } from './law.ts';

type Row = {
  id: string;
  key: string;
  on_unknown: OnUnknown;
  status: EmailStatus;
  addresses: string[];
  statuses: EmailStatus[];
  outcomes: (string | null)[];
  is_in_queue: boolean;
};

/** Every mail of the database with all it came to. */
export async function readMails(pool: pg.Pool): Promise<MailRecord[]> {
  const { rows } = await pool.query<Row>(
    `select e.id, coalesce(e.metadata ->> 'idempotency_key', k.key, e.id::text) as key,
            a.on_unknown, s.status, s.recipient_statuses as statuses,
            array(select r ->> 'address' from jsonb_array_elements(e.recipients) r) as addresses,
            array(select t.outcome from attempts t
                  where t.account_id = e.account_id and t.email_id = e.id
                  order by t.number) as outcomes,
            exists (select 1 from queue q
                    where q.account_id = e.account_id and q.email_id = e.id) as is_in_queue
     from emails e
     join accounts a on a.id = e.account_id
     join email_states s on s.account_id = e.account_id and s.email_id = e.id
     left join idempotency_keys k on k.account_id = e.account_id and k.email_id = e.id`,
  );
  return rows.map((row) => ({
    id: row.id,
    key: row.key,
    onUnknown: row.on_unknown,
    status: row.status,
    outcomes: row.outcomes,
    isInQueue: row.is_in_queue,
    recipients: row.addresses.map((address, position) => ({
      address,
      status: row.statuses[position] ?? 'queued',
      fate: fateOf(address),
    })),
  }));
}

/** Mails that are still to be sent: not over, and not held. */
export async function countOpen(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ count: string }>(
    `select count(*) from queue q join accounts a on a.id = q.account_id
     where q.lease is not null or a.on_unknown <> 'hold' or coalesce(
       (select t.outcome from attempts t
        where t.account_id = q.account_id and t.email_id = q.email_id
        order by t.number desc limit 1), '') <> 'unknown'`,
  );
  return Number(rows[0]?.count);
}
