import type pg from 'pg';

/**
 * Keeps mail away from a connection for a while; a longer pause that is already set stays. Changes
 * nothing when the connection was changed since: the fault was the old credentials'.
 */
export async function pauseConnection(
  pool: pg.Pool,
  pause: {
    accountId: string;
    connectionId: string;
    version: number;
    delayMs: number;
    reason: string;
  },
): Promise<void> {
  await pool.query({
    name: 'pause-connection',
    text: `update connections
           set paused_until = now() + $4::float8 * interval '1 millisecond', pause_reason = $5
           where account_id = $1 and id = $2 and version = $3
             and coalesce(paused_until, now()) <= now() + $4::float8 * interval '1 millisecond'`,
    values: [pause.accountId, pause.connectionId, pause.version, pause.delayMs, pause.reason],
  });
}
