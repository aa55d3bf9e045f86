import type { LoginRequest, SessionAnswer } from '@courierx/contract';
import { sql } from 'kysely';
import { parseAddress } from '../../lib/address.ts';
import type { ServiceDeps } from '../context.ts';
import { unauthorized } from '../service-error.ts';
import { startSession } from '../sessions/start.ts';
import { checkPassword } from './check-password.ts';
import { ACCOUNT_COLUMNS } from './to-wire.ts';

/** Throws the same `unauthorized`, after the same time, for an unknown e-mail and a wrong password. */
export async function login(deps: ServiceDeps, input: LoginRequest): Promise<SessionAnswer> {
  const given = input.email.trim();
  const email = (parseAddress(given) ?? given).toLowerCase();
  const account = await deps.database.kysely
    .selectFrom('accounts')
    .select([...ACCOUNT_COLUMNS, 'passwordHash', 'sessionVersion'])
    .where(sql<string>`lower(email)`, '=', email)
    .where('deletedAt', 'is', null)
    .executeTakeFirst();
  const known = { email, hash: account?.passwordHash ?? null };
  if (!(await checkPassword(deps, known, input.password)) || !account) throw unauthorized();
  return startSession(deps, account);
}
