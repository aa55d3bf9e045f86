import type pg from 'pg';
import type { Claim } from './claim-emails.ts';

/** Gives claimed mail back untouched; it is due at once for another worker. */
export async function releaseLeases(pool: pg.Pool, claims: readonly Claim[]): Promise<void> {
  await pool.query({
    name: 'release-leases',
    text: `update queue q set run_at = now(), lease = null
           from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as i(account_id, email_id, lease)
           where q.account_id = any($1) and q.email_id = any($2)
             and q.account_id = i.account_id and q.email_id = i.email_id and q.lease = i.lease`,
    values: [
      claims.map((claim) => claim.accountId),
      claims.map((claim) => claim.emailId),
      claims.map((claim) => claim.lease),
    ],
  });
}

/**
 * Gives every lease back. Only where no worker can be alive: at the start of the one process that
 * the embedded database serves.
 */
export async function releaseAllLeases(pool: pg.Pool): Promise<number> {
  const result = await pool.query(
    'update queue set run_at = now(), lease = null where lease is not null',
  );
  return result.rowCount ?? 0;
}
