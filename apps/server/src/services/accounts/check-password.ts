import { verifyPassword } from '../../lib/crypto.ts';
import type { ServiceDeps } from '../context.ts';
import { giveBackAttempt, takeAttempt } from '../rate-limits/take-attempt.ts';

/** Failures at one account's password, from wherever they come. */
const FAILURES = 10;
const FAILURES_SECONDS = 15 * 60;

/**
 * Whether the password is right; takes as long where there is no account (`hash` null). Throws
 * `rate_limited` when too many were wrong, whether at a log-in or inside.
 */
export async function checkPassword(
  deps: ServiceDeps,
  { email, hash }: { email: string; hash: string | null },
  password: string,
): Promise<boolean> {
  // Counted before the password is looked at: tries made together must not all pass.
  const attempt = await takeAttempt(deps.database, {
    key: `login:${email.toLowerCase()}`,
    limit: FAILURES,
    windowSeconds: FAILURES_SECONDS,
    now: deps.now(),
  });
  const isRight = await verifyPassword(password, hash);
  if (isRight) await giveBackAttempt(deps.database, attempt);
  return isRight;
}
