import type pg from 'pg';
import type { EmailStatus } from '@courierx/contract';

export type ChangedEmail = {
  readonly id: string;
  readonly status: EmailStatus;
  readonly reason: string | null;
  readonly sentAt: Date | null;
  readonly updatedAt: Date;
};

/** So many of the newest emails are looked at. */
const NEWEST = 500;

/**
 * Those of the newest emails that changed since; the oldest change first. They are read by their
 * key, which costs the same with any number of emails: an index on the time of the change would have
 * to be written with every mail that is sent, whether anybody watches or not.
 */
export async function loadChangedEmails(
  pool: pg.Pool,
  { accountId, since }: { accountId: string; since: Date },
): Promise<ChangedEmail[]> {
  const result = await pool.query<ChangedEmail>({
    name: 'load-changed-emails',
    text: SQL,
    values: [accountId, NEWEST, since],
  });
  return result.rows;
}

const SQL = `
select id, status, reason, "sentAt", "updatedAt"
from (select email_id as id, status, reason, sent_at as "sentAt", updated_at as "updatedAt"
      from email_states where account_id = $1 order by email_id desc limit $2) newest
where "updatedAt" >= $3
order by "updatedAt", id`;
