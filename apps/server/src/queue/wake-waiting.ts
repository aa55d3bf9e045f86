import type pg from 'pg';
import { wakeChannel } from './channels.ts';

/** Rows brought forward in the caller's transaction; workers bring the rest, in steps of as many. */
export const WAKE_STEP = 5_000;

/**
 * Makes an account's mails that wait for a later attempt due now, and tells the workers. Call it,
 * in the same transaction, with every change that could let mail go: a connection made, enabled,
 * verified, given new credentials. Losing the message costs time, never mail: each waiting mail has
 * an attempt of its own ahead.
 */
export async function wakeWaiting(
  client: Pick<pg.Pool, 'query'>,
  accountId: string,
): Promise<void> {
  await wakeStep(client, accountId);
  await client.query('select pg_notify($1, $2)', [wakeChannel, accountId]);
}

/** Brings at most {@link WAKE_STEP} mails forward; returns how many. */
export async function wakeStep(client: Pick<pg.Pool, 'query'>, accountId: string): Promise<number> {
  const result = await client.query(
    `update queue set run_at = now()
     where ctid = any(array(
       select ctid from queue
       where account_id = $1 and run_at > now() and lease is null
       order by run_at limit $2 for update skip locked))`,
    [accountId, WAKE_STEP],
  );
  return result.rowCount ?? 0;
}
