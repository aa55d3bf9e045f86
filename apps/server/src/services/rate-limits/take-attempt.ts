import type { Database } from '../../db/database.ts';
import { sha256 } from '../../lib/crypto.ts';
import { ServiceError } from '../service-error.ts';

/**
 * Counts one try exactly, over all nodes, and throws `rate_limited` past the limit. For what must
 * not be guessed at speed: each try is a statement of its own.
 */
export async function takeAttempt(
  database: Database,
  options: { key: string; limit: number; windowSeconds: number; now: Date },
): Promise<void> {
  const { key, limit, windowSeconds, now } = options;
  const windowMs = windowSeconds * 1000;
  const windowStart = new Date(Math.floor(now.getTime() / windowMs) * windowMs);
  const result = await database.pool.query<{ count: number }>(
    `insert into rate_limits (key, window_start, count) values ($1, $2, 1)
     on conflict (key, window_start) do update set count = rate_limits.count + 1
     returning count`,
    // Hashed, so that no address or name is kept here.
    [sha256(key).toString('base64url'), windowStart],
  );
  if ((result.rows[0]?.count ?? 0) <= limit) return;
  const retryAfterSeconds = Math.ceil((windowStart.getTime() + windowMs - now.getTime()) / 1000);
  throw new ServiceError('rate_limited', 'Rate limit exceeded', { retryAfterSeconds });
}
