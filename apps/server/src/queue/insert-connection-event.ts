import type pg from 'pg';
import { insertAccountEvents, type AccountEventType } from './insert-account-events.ts';

export type ConnectionEvent = {
  readonly accountId: string;
  readonly connectionId: string;
  /** `*`: the whole connection. */
  readonly receiver: string;
  readonly reason: string;
};

/**
 * Tells the account of a change of a connection, in the transaction that makes it. Of one that is
 * gone nobody is told.
 */
export async function insertConnectionEvent(
  client: Pick<pg.Pool, 'query'>,
  type: Extract<AccountEventType, `connection.${string}`>,
  { accountId, connectionId, receiver, reason }: ConnectionEvent,
): Promise<void> {
  const result = await client.query<{ provider: string; name: string }>({
    name: 'name-connection',
    text: `select provider, display_name as name from connections
           where account_id = $1 and id = $2`,
    values: [accountId, connectionId],
  });
  const [row] = result.rows;
  if (!row) return;
  const data = {
    connection_id: connectionId,
    provider: row.provider,
    display_name: row.name,
    receiver: receiver === '*' ? null : receiver,
    reason,
  };
  await insertAccountEvents(client, [{ accountId, type, data }]);
}
