import type pg from 'pg';
import type { Claim } from './claim-emails.ts';

/** Moves the end of leases that are still held; a lease that was lost stays lost. */
export async function renewLeases(
  pool: pg.Pool,
  claims: readonly Claim[],
  leaseMs: number,
): Promise<void> {
  await pool.query({
    name: 'renew-leases',
    text: `update queue q set run_at = now() + $4::float8 * interval '1 millisecond'
           from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as i(account_id, email_id, lease)
           where q.account_id = any($1) and q.email_id = any($2)
             and q.account_id = i.account_id and q.email_id = i.email_id and q.lease = i.lease`,
    values: [
      claims.map((claim) => claim.accountId),
      claims.map((claim) => claim.emailId),
      claims.map((claim) => claim.lease),
      leaseMs,
    ],
  });
}
