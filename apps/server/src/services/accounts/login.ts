import type { LoginRequest, SessionAnswer } from '@courierx/contract';
import { sql } from 'kysely';
import { parseAddress } from '../../lib/address.ts';
import { verifyPassword } from '../../lib/crypto.ts';
import type { ServiceDeps } from '../context.ts';
import { giveBackAttempt, takeAttempt } from '../rate-limits/take-attempt.ts';
import { unauthorized } from '../service-error.ts';
import { startSession } from '../sessions/start.ts';
import { ACCOUNT_COLUMNS } from './to-wire.ts';

/** Failures at one account's password, from wherever they come. */
const FAILURES = 10;
const FAILURES_SECONDS = 15 * 60;

/** Throws the same `unauthorized`, after the same time, for an unknown e-mail and a wrong password. */
export async function login(deps: ServiceDeps, input: LoginRequest): Promise<SessionAnswer> {
  const given = input.email.trim();
  const email = (parseAddress(given) ?? given).toLowerCase();
  // Counted before the password is looked at: tries made together must not all pass.
  const attempt = await takeAttempt(deps.database, {
    key: `login:${email}`,
    limit: FAILURES,
    windowSeconds: FAILURES_SECONDS,
    now: deps.now(),
  });
  const account = await deps.database.kysely
    .selectFrom('accounts')
    .select([...ACCOUNT_COLUMNS, 'passwordHash', 'sessionVersion'])
    .where(sql<string>`lower(email)`, '=', email)
    .executeTakeFirst();
  const isRight = await verifyPassword(input.password, account?.passwordHash ?? null);
  if (!account || !isRight) throw unauthorized();
  await giveBackAttempt(deps.database, attempt);
  return startSession(deps, account);
}
