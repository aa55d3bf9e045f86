import type { ClientBase } from 'pg';
import { newId } from '../lib/ids.ts';

/** Whom an attempt reached that was settled after it was made. */
export type SentEvents = {
  readonly accountId: string;
  readonly emailId: string;
  /** The attempt's. */
  readonly number: number;
  readonly recipients: readonly string[];
};

/** Writes `sent` of each recipient who has none yet, at the time the attempt began. */
export async function insertSentEvents(client: ClientBase, sent: SentEvents): Promise<void> {
  const { accountId, emailId, number, recipients } = sent;
  await client.query({
    name: 'insert-sent-events',
    text: SQL,
    values: [accountId, emailId, number, recipients.map(() => newId()), recipients],
  });
}

const SQL = `
insert into email_events (account_id, email_id, id, type, recipient, provider, connection_id,
                          occurred_at)
select $1, $2, i.id, 'sent', i.recipient, a.provider, a.connection_id, a.started_at
from unnest($4::uuid[], $5::text[]) as i(id, recipient)
join attempts a on a.account_id = $1 and a.email_id = $2 and a.number = $3
where not exists (select 1 from email_events e
                  where e.account_id = $1 and e.email_id = $2 and e.type = 'sent'
                    and e.recipient = i.recipient)`;
