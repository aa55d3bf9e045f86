import type { RegisterRequest, SessionAnswer } from '@courierx/contract';
import { isUniqueViolation } from '../../db/errors.ts';
import { hasControlCharacter, parseAddress } from '../../lib/address.ts';
import { hashPassword } from '../../lib/crypto.ts';
import { newId } from '../../lib/ids.ts';
import type { ServiceDeps } from '../context.ts';
import { invalid } from '../service-error.ts';
import { signSession } from '../sessions/tokens.ts';
import { ACCOUNT_COLUMNS, toWire } from './to-wire.ts';

/** Makes an account and its first session. */
export async function register(deps: ServiceDeps, input: RegisterRequest): Promise<SessionAnswer> {
  const faults: string[] = [];
  const email = parseAddress(input.email.trim());
  if (email === null) faults.push('Email is not a valid email address');
  if (hasControlCharacter(input.name) || input.name.trim() === '') {
    faults.push('Name must be one line of text');
  }
  if (input.password !== input.password_confirmation) {
    faults.push('password_confirmation does not match password');
  }
  if (faults.length > 0 || email === null) throw invalid(faults);
  const account = await insertAccount(deps, { name: input.name.trim(), email }, input.password);
  const claims = { accountId: account.id, sessionVersion: account.sessionVersion };
  const { token, expiresAt } = await signSession(deps.jwtSecret, claims, deps.now());
  return { token, expires_at: expiresAt.toISOString(), account: toWire(account) };
}

async function insertAccount(
  deps: ServiceDeps,
  { name, email }: { name: string; email: string },
  password: string,
) {
  const id = newId();
  const passwordHash = await hashPassword(password);
  const { wrapped: dataKey, master: dataKeyMaster } = deps.keyring.createDataKey(id);
  try {
    return await deps.database.kysely
      .insertInto('accounts')
      .values({ id, name, email, passwordHash, dataKey, dataKeyMaster, rateLimitPerMinute: null })
      .returning([...ACCOUNT_COLUMNS, 'sessionVersion'])
      .executeTakeFirstOrThrow();
  } catch (error) {
    if (isUniqueViolation(error)) throw invalid('Email has already been taken');
    throw error;
  }
}
