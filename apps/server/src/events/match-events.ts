import type pg from 'pg';
import type { ReportedEvent } from '../providers/webhooks.ts';

/**
 * Finds the mails that events are of, among those that went out through the connection they came
 * for and no others. In the order of the events; null where there is none (yet). That a mail was taken
 * is of use once its attempt has come to an end, so as to settle it.
 */
export async function matchEvents(
  pool: pg.Pool,
  connection: { readonly accountId: string; readonly id: string },
  events: readonly ReportedEvent[],
): Promise<(string | null)[]> {
  const result = await pool.query<{ position: number; emailId: string }>({
    name: 'match-events',
    text: SQL,
    values: [
      connection.accountId,
      connection.id,
      events.map(({ emailId }) => emailId),
      events.map(({ providerMessageId }) => providerMessageId),
      events.map(({ type }) => type === 'sent'),
    ],
  });
  const found = new Map(result.rows.map(({ position, emailId }) => [position, emailId]));
  return events.map((_, index) => found.get(index + 1) ?? null);
}

const SQL = `
select i.position::int, coalesce(by_id.email_id, by_message.email_id) as "emailId"
from unnest($3::uuid[], $4::text[], $5::boolean[]) with ordinality
  as i(email_id, message_id, is_sent, position)
left join lateral (
  select a.email_id from attempts a
  where a.account_id = $1 and a.email_id = i.email_id and a.connection_id = $2
    and (a.outcome is not null or not i.is_sent)
  limit 1
) by_id on true
left join lateral (
  select a.email_id from attempts a
  where by_id.email_id is null
    and a.account_id = $1 and a.connection_id = $2 and a.provider_message_id = i.message_id
  order by a.email_id desc
  limit 1
) by_message on true
where coalesce(by_id.email_id, by_message.email_id) is not null`;
