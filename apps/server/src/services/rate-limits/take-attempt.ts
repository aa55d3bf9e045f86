import type { Database } from '../../db/database.ts';
import { sha256 } from '../../lib/crypto.ts';
import { ServiceError } from '../service-error.ts';

/** One counted try; {@link giveBackAttempt} takes it off again. */
export type Attempt = { readonly key: string; readonly windowStart: Date };

/**
 * Counts one try exactly, over all nodes, and throws `rate_limited` past the limit. For what must
 * not be guessed at speed: each try is a statement of its own, and without the database there is
 * no try.
 */
export async function takeAttempt(
  database: Database,
  options: { key: string; limit: number; windowSeconds: number; now: Date },
): Promise<Attempt> {
  const { limit, windowSeconds, now } = options;
  const windowMs = windowSeconds * 1000;
  const windowStart = new Date(Math.floor(now.getTime() / windowMs) * windowMs);
  // Hashed, so that no address or name is kept here.
  const key = sha256(options.key).toString('base64url');
  const result = await database.pool.query<{ count: number }>(
    `insert into rate_limits (key, window_start, count) values ($1, $2, 1)
     on conflict (key, window_start) do update
       set count = least(rate_limits.count, 1000000000) + 1
     returning count`,
    [key, windowStart],
  );
  if ((result.rows[0]?.count ?? 0) <= limit) return { key, windowStart };
  const retryAfterSeconds = Math.ceil((windowStart.getTime() + windowMs - now.getTime()) / 1000);
  throw new ServiceError('rate_limited', 'Rate limit exceeded', { retryAfterSeconds });
}

/** For limits on failures: this one was none. */
export async function giveBackAttempt(database: Database, attempt: Attempt): Promise<void> {
  await database.pool.query(
    'update rate_limits set count = count - 1 where key = $1 and window_start = $2',
    [attempt.key, attempt.windowStart],
  );
}
