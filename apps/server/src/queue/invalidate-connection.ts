import type pg from 'pg';

/**
 * Marks a connection whose credentials the provider refuses, so that mail goes round it. It is
 * asked again in the background: a provider's own mistake must not take it away for good.
 */
export async function invalidateConnection(
  pool: pg.Pool,
  fault: { accountId: string; connectionId: string; version: number; message: string },
): Promise<boolean> {
  const result = await pool.query({
    name: 'invalidate-connection',
    text: `update connections
           set status = 'invalid', verification_status = 'failed', verification_message = $4,
               verification_tries = 0, next_verification_at = now() + interval '1 minute',
               updated_at = now()
           where account_id = $1 and id = $2 and version = $3 and status <> 'invalid'`,
    values: [fault.accountId, fault.connectionId, fault.version, fault.message],
  });
  return (result.rowCount ?? 0) > 0;
}
