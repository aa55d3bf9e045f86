import type pg from 'pg';
import { queueChannel } from './channels.ts';
import type { Release } from './claim-emails.ts';

/**
 * Keeps what its owner decided of a mail that is held because its last attempt may have left, and
 * makes it due. The decision holds for that attempt only. False where the mail is not held, or a
 * worker has it just now.
 */
export async function releaseHeldEmail(
  client: Pick<pg.Pool, 'query'>,
  of: { accountId: string; emailId: string; action: Release['action'] },
): Promise<boolean> {
  const { accountId, emailId, action } = of;
  const result = await client.query({
    name: 'release-held-email',
    text: `update queue q set release = $3, released_attempt = last.number, run_at = now()
           from (select number, outcome from attempts where account_id = $1 and email_id = $2
                 order by number desc limit 1) last,
                accounts a
           where q.account_id = $1 and q.email_id = $2 and q.lease is null
             and last.outcome = 'unknown' and a.id = $1 and a.on_unknown = 'hold'`,
    values: [accountId, emailId, action],
  });
  if (result.rowCount === 0) return false;
  await client.query('select pg_notify($1, $2)', [queueChannel, '']);
  return true;
}
