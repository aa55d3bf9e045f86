import type pg from 'pg';
import { inTransaction } from '../db/in-transaction.ts';
import { insertConnectionEvent } from './insert-connection-event.ts';

/**
 * Marks a connection whose credentials the provider refuses, so that mail goes round it. It is
 * asked again in the background: a provider's own mistake must not take it away for good. True for
 * the one, of all mails refused together, that revealed it.
 */
export function invalidateConnection(
  pool: pg.Pool,
  fault: { accountId: string; connectionId: string; version: number; message: string },
): Promise<boolean> {
  const { accountId, connectionId } = fault;
  return inTransaction(pool, async (client) => {
    const result = await client.query({
      name: 'invalidate-connection',
      text: `update connections
             set status = 'invalid', verification_status = 'failed', verification_message = $4,
                 verification_tries = 0, next_verification_at = now() + interval '1 minute',
                 invalid_since = now(), updated_at = now()
             where account_id = $1 and id = $2 and version = $3 and status <> 'invalid'`,
      values: [accountId, connectionId, fault.version, fault.message],
    });
    if (result.rowCount === 0) return false;
    await insertConnectionEvent(client, 'connection.degraded', {
      ...{ accountId, connectionId },
      receiver: '*',
      reason: 'credentials refused',
    });
    return true;
  });
}
