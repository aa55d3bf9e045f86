import type { RegisterRequest, SessionAnswer } from '@courierx/contract';
import { isUniqueViolation } from '../../db/errors.ts';
import { parseAddress } from '../../lib/address.ts';
import { hashPassword } from '../../lib/crypto.ts';
import { newId } from '../../lib/ids.ts';
import { recordChange } from '../audit/record.ts';
import { checkLine, requireSound, type Checked } from '../checked.ts';
import type { ServiceDeps } from '../context.ts';
import { takeAttempt } from '../rate-limits/take-attempt.ts';
import { invalid } from '../service-error.ts';
import { startSession } from '../sessions/start.ts';
import { ACCOUNT_COLUMNS } from './to-wire.ts';

/** For one e-mail address, from wherever they come: nobody needs more, and each costs a hash. */
const TRIES = 10;
const TRIES_SECONDS = 15 * 60;

/** Makes an account and its first session. */
export async function register(
  deps: ServiceDeps,
  input: Checked<RegisterRequest>,
): Promise<SessionAnswer> {
  const { name, email, password } = requireSound(input, findFaults(input.sound));
  const address = parseAddress(email.trim()) ?? '';
  await takeAttempt(deps.database, {
    key: `register:${address.toLowerCase()}`,
    limit: TRIES,
    windowSeconds: TRIES_SECONDS,
    now: deps.now(),
  });
  const row = await insertAccount(deps, { name: name.trim(), email: address }, password);
  return startSession(deps, row);
}

function findFaults(body: Partial<RegisterRequest>): string[] {
  const { name, email, password, password_confirmation: confirmation } = body;
  const faults = checkLine(name, 'Name');
  if (email !== undefined && parseAddress(email.trim()) === null) {
    faults.push('Email is not a valid email address');
  }
  if (password !== undefined && confirmation !== undefined && password !== confirmation) {
    faults.push('password_confirmation does not match password');
  }
  return faults;
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
    return await deps.database.kysely.transaction().execute(async (transaction) => {
      const made = await transaction
        .insertInto('accounts')
        .values({ id, name, email, passwordHash, dataKey, dataKeyMaster, rateLimitPerMinute: null })
        .returning([...ACCOUNT_COLUMNS, 'sessionVersion'])
        .executeTakeFirstOrThrow();
      const author = { accountId: id, apiKeyId: null };
      await recordChange(transaction, author, { action: 'account.created', subjectId: null });
      return made;
    });
  } catch (error) {
    // The unique index decides between two registrations that come together.
    if (isUniqueViolation(error)) throw invalid('Email has already been taken');
    throw error;
  }
}
