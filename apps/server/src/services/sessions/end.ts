import type { ServiceDeps } from '../context.ts';
import { readSession } from './tokens.ts';

/** Logs a session out: its token is refused from now on. False for a token that was not good. */
export async function endSession(
  { database: { pool }, jwtSecret, now }: ServiceDeps,
  token: string,
): Promise<boolean> {
  const claims = await readSession(jwtSecret, token, now());
  if (!claims) return false;
  await pool.query(
    `with expired as (
       delete from ended_sessions where account_id = $1 and expires_at < $4
     )
     insert into ended_sessions (account_id, id, expires_at)
     select id, $2, $3 from accounts where id = $1
     on conflict (account_id, id) do nothing`,
    [claims.accountId, claims.id, claims.expiresAt, now()],
  );
  return true;
}
