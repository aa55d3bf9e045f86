import type pg from 'pg';
import { inTransaction } from '../db/in-transaction.ts';
import { insertSentEvents } from './insert-sent-events.ts';

/** The last attempt of a mail that is over, the outcome of which nobody has recorded. */
export type OpenAttempt = {
  readonly accountId: string;
  readonly emailId: string;
  readonly number: number;
  /** Those that the mail left for, should the attempt prove to have been accepted. */
  readonly recipients: readonly string[];
};

/**
 * Ends an attempt in doubt by what the mail's events told: accepted where one of them came by the
 * attempt's connection and speaks of no other attempt, else unknown. Done again, it changes nothing.
 */
export async function closeAttempt(pool: pg.Pool, attempt: OpenAttempt): Promise<void> {
  await inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ outcome: string }>({
      name: 'close-attempt',
      text: SQL,
      values: [attempt.accountId, attempt.emailId, attempt.number],
    });
    if (rows[0]?.outcome === 'accepted') await insertSentEvents(client, attempt);
  });
}

const SQL = `
with doubt as (
  select (select e.word from email_events e
          where e.account_id = $1 and e.email_id = $2 and e.connection_id = a.connection_id
            and e.fingerprint is not null and e.type not in ('failed', 'suppressed')
            and not exists (select 1 from attempts k
                            where k.account_id = $1 and k.email_id = $2
                              and k.connection_id = a.connection_id and k.outcome = 'accepted')
          limit 1) as word
  from attempts a
  where a.account_id = $1 and a.email_id = $2 and a.number = $3
    and (a.outcome is null or a.outcome = 'unknown')
)
update attempts a
set outcome = case when d.word is null then 'unknown' else 'accepted' end,
    reason = case when d.word is null then coalesce(a.reason, 'worker_lost') end,
    detail = case when d.word is not null then 'Settled by an event of the provider: ' || d.word
                  else coalesce(a.detail,
                    'the worker that made this attempt ended before it recorded an answer') end,
    finished_at = coalesce(a.finished_at, now())
from doubt d
where a.account_id = $1 and a.email_id = $2 and a.number = $3
returning a.outcome`;
