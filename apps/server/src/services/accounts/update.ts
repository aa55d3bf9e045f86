import type { UpdateAccountRequest, UpdatedAccount } from '@courierx/contract';
import type { Kysely } from 'kysely';
import { clientOf } from '../../db/database.ts';
import { isUniqueViolation } from '../../db/errors.ts';
import type { Tables } from '../../db/types.ts';
import { parseAddress } from '../../lib/address.ts';
import { hashPassword } from '../../lib/crypto.ts';
import { wakeWaiting } from '../../queue/wake-waiting.ts';
import { recordChange } from '../audit/record.ts';
import { checkLine, requireSound, type Checked } from '../checked.ts';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { invalid, ServiceError, unauthorized } from '../service-error.ts';
import { startSession } from '../sessions/start.ts';
import { checkPassword } from './check-password.ts';
import { ACCOUNT_COLUMNS, toWire, type AccountRow } from './to-wire.ts';

/**
 * Changes the account. A new e-mail or password needs the current password; a new password ends all
 * sessions, and the answer holds the caller's next one.
 */
export async function updateAccount(
  deps: ServiceDeps,
  principal: Principal,
  body: Checked<UpdateAccountRequest>,
): Promise<UpdatedAccount> {
  requirePermission(principal, 'write');
  const input = requireSound(body, findFaults(body));
  const current = await findCurrent(deps, principal.accountId);
  await requireCurrentPassword(deps, current, input);
  const columns = await toColumns(input);
  const row = await deps.database.kysely
    .transaction()
    .execute(async (transaction) => {
      const changed = await transaction
        .updateTable('accounts')
        .set((eb) => ({
          ...columns,
          ...(input.password !== undefined && { sessionVersion: eb('sessionVersion', '+', 1) }),
        }))
        .where('id', '=', principal.accountId)
        // The password that was checked is still the password.
        .where('passwordHash', '=', current.passwordHash)
        .where('deletedAt', 'is', null)
        .returning([...ACCOUNT_COLUMNS, 'sessionVersion'])
        .executeTakeFirst();
      if (!changed) throw new ServiceError('conflict', 'The account was changed at the same time');
      if (input.on_unknown !== undefined) await wakeWaiting(clientOf(transaction), changed.id);
      await record(transaction, principal, { input, before: current, after: changed });
      return changed;
    })
    .catch((error: unknown) => {
      if (isUniqueViolation(error)) throw invalid('Email has already been taken');
      throw error;
    });
  if (input.password === undefined || principal.apiKeyId !== null) return { account: toWire(row) };
  return startSession(deps, row);
}

function findFaults({ sound, unsound, faults: known }: Checked<UpdateAccountRequest>): string[] {
  const { name, email, password, password_confirmation: confirmation } = sound;
  const faults = checkLine(name, 'Name');
  if (email !== undefined && parseAddress(email.trim()) === null) {
    faults.push('Email is not a valid email address');
  }
  if (password !== undefined && confirmation === undefined) {
    faults.push('password_confirmation is required');
  } else if (password !== confirmation && !unsound.has('password')) {
    faults.push('password_confirmation does not match password');
  }
  const isGuarded = email !== undefined || password !== undefined;
  if (isGuarded && sound.current_password === undefined && !unsound.has('current_password')) {
    faults.push('current_password is required to change email or password');
  }
  const isEmpty = !isGuarded && Object.keys(settingsOf(sound)).length === 0;
  if (isEmpty && known.length === 0) {
    faults.push('Give at least one field to change');
  }
  return faults;
}

const PERSONAL = ['email', 'password', 'password_confirmation', 'current_password'];

/** What may be changed without the password, and shown in the audit log. */
function settingsOf(input: Partial<UpdateAccountRequest>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(input).filter(([field]) => !PERSONAL.includes(field)));
}

async function findCurrent({ database }: ServiceDeps, accountId: string) {
  const row = await database.kysely
    .selectFrom('accounts')
    .select(['email', 'passwordHash'])
    .where('id', '=', accountId)
    .where('deletedAt', 'is', null)
    .executeTakeFirst();
  if (!row) throw unauthorized();
  return row;
}

async function requireCurrentPassword(
  deps: ServiceDeps,
  { email, passwordHash: hash }: { email: string; passwordHash: string },
  input: UpdateAccountRequest,
): Promise<void> {
  if (input.current_password === undefined) return;
  if (await checkPassword(deps, { email, hash }, input.current_password)) return;
  throw invalid('current_password is not the password of this account');
}

async function toColumns(input: UpdateAccountRequest) {
  const { name, email, password } = input;
  return {
    ...(name !== undefined && { name: name.trim() }),
    ...(email !== undefined && { email: parseAddress(email.trim()) ?? '' }),
    ...(password !== undefined && { passwordHash: await hashPassword(password) }),
    ...(input.on_unknown !== undefined && { onUnknown: input.on_unknown }),
    ...(input.on_auth_failure !== undefined && { onAuthFailure: input.on_auth_failure }),
    ...(input.require_verified_domain !== undefined && {
      requireVerifiedDomain: input.require_verified_domain,
    }),
    ...(input.retention_days !== undefined && { retentionDays: input.retention_days }),
    ...(input.content_retention_days !== undefined && {
      contentRetentionDays: input.content_retention_days,
    }),
  };
}

type Made = { input: UpdateAccountRequest; before: { email: string }; after: AccountRow };

async function record(
  transaction: Kysely<Tables>,
  principal: Principal,
  { input, before, after }: Made,
): Promise<void> {
  const { email, password } = input;
  const settings = settingsOf(input);
  const change = { subjectId: null };
  if (email !== undefined) {
    const detail = { from: before.email, to: after.email };
    await recordChange(transaction, principal, {
      ...change,
      action: 'account.email_changed',
      detail,
    });
  }
  if (password !== undefined) {
    await recordChange(transaction, principal, { ...change, action: 'account.password_changed' });
  }
  if (Object.keys(settings).length > 0) {
    const action = 'account.updated';
    await recordChange(transaction, principal, { ...change, action, detail: settings });
  }
}
