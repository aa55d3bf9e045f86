import { inTransaction } from '../../db/in-transaction.ts';
import { firstIdAt } from '../../lib/ids.ts';
import { insertAccountEvents } from '../../queue/insert-account-events.ts';
import type { ServiceDeps } from '../context.ts';

/** Mails taken by the provider in the window before its silence means something. */
const MIN_MAILS = 20;
const WINDOW_MINUTES = 120;
/** The newest mails of the window may not have been told of yet. */
const GRACE_MINUTES = 30;

/**
 * Flags connections that are set up to hear, send, and hear nothing: their bounces would be missed.
 * Flagged once; the next event that comes takes the flag away.
 */
export async function findSilentConnections({
  database,
  providers,
  now,
}: ServiceDeps): Promise<void> {
  const before = (minutes: number) => firstIdAt(new Date(now().getTime() - minutes * 60_000));
  const quiet = [...providers.values()].filter(({ webhooks }) => webhooks?.tellsFailuresOnly);
  await inTransaction(database.pool, async (client) => {
    const { rows } = await client.query<{ accountId: string; id: string; name: string }>(FLAG, [
      WINDOW_MINUTES,
      before(WINDOW_MINUTES),
      before(GRACE_MINUTES),
      MIN_MAILS,
      quiet.map(({ name }) => name),
    ]);
    await insertAccountEvents(
      client,
      rows.map(({ accountId, id, name }) => ({
        accountId,
        type: 'connection.silent',
        data: {
          connection_id: id,
          display_name: name,
          reason: `${MIN_MAILS} mails or more were sent and no event came back`,
        },
      })),
    );
  });
}

/** Read by the mails' own key, and no further than to the number that is enough. */
const FLAG = `
update connections c set silent_since = now()
where c.webhook_secret is not null and c.disabled_at is null and c.silent_since is null
  and c.provider <> all ($5::text[])
  and coalesce(c.last_event_at, '-infinity') < now() - $1::int * interval '1 minute'
  and (select count(*) from (
         select 1 from attempts a
         where a.account_id = c.account_id and a.email_id >= $2 and a.email_id < $3
           and a.connection_id = c.id and a.outcome = 'accepted'
         limit $4) sent) >= $4::int
returning c.account_id as "accountId", c.id, c.display_name as name`;
