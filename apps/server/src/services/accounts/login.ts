import type { LoginRequest, SessionAnswer } from '@courierx/contract';
import { sql } from 'kysely';
import { parseAddress } from '../../lib/address.ts';
import { verifyPassword } from '../../lib/crypto.ts';
import type { ServiceDeps } from '../context.ts';
import { takeAttempt } from '../rate-limits/take-attempt.ts';
import { unauthorized } from '../service-error.ts';
import { signSession } from '../sessions/tokens.ts';
import { ACCOUNT_COLUMNS, toWire } from './to-wire.ts';

/** Tries at one account's password, from wherever they come. */
const TRIES = 10;
const TRIES_SECONDS = 15 * 60;

/** Throws the same `unauthorized`, after the same time, for an unknown e-mail and a wrong password. */
export async function login(deps: ServiceDeps, input: LoginRequest): Promise<SessionAnswer> {
  const email = parseAddress(input.email.trim())?.toLowerCase() ?? '';
  await takeAttempt(deps.database, {
    key: `login:${email}`,
    limit: TRIES,
    windowSeconds: TRIES_SECONDS,
    now: deps.now(),
  });
  const account = await deps.database.kysely
    .selectFrom('accounts')
    .select([...ACCOUNT_COLUMNS, 'passwordHash', 'sessionVersion'])
    .where(sql<string>`lower(email)`, '=', email)
    .executeTakeFirst();
  const isRight = await verifyPassword(input.password, account?.passwordHash ?? null);
  if (!account || !isRight) throw unauthorized();
  const claims = { accountId: account.id, sessionVersion: account.sessionVersion };
  const { token, expiresAt } = await signSession(deps.jwtSecret, claims, deps.now());
  return { token, expires_at: expiresAt.toISOString(), account: toWire(account) };
}
