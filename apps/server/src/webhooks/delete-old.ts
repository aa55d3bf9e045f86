import type { Database } from '../db/database.ts';

const STEP = 5_000;

/** Housekeeping: deliveries of 30 days ago, and those whose endpoint is gone. */
export async function deleteOldDeliveries({ pool }: Database): Promise<void> {
  for (const condition of [
    `d.created_at < now() - interval '30 days'`,
    `not exists (select from webhook_endpoints w
                 where w.account_id = d.account_id and w.id = d.endpoint_id)`,
  ]) {
    for (;;) {
      const result = await pool.query(
        `delete from webhook_deliveries where ctid = any(array(
           select ctid from webhook_deliveries d where ${condition} limit $1))`,
        [STEP],
      );
      if ((result.rowCount ?? 0) < STEP) break;
    }
  }
}

/**
 * Gives every lease back. Only where no worker can be alive: at the start of the one process that
 * the embedded database serves.
 */
export async function releaseAllDeliveries({ pool }: Database): Promise<void> {
  await pool.query(
    'update webhook_deliveries set run_at = now(), lease = null where lease is not null',
  );
}
