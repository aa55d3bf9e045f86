import type pg from 'pg';

const MOST = 10_000;

/** Deliveries that are due and not under way; stops counting at 10,000. */
export async function countDue(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `select count(*)::int as count from (
       select from webhook_deliveries
       where run_at is not null and run_at <= now() and lease is null limit $1) due`,
    [MOST],
  );
  return rows[0]?.count ?? 0;
}
