import type { AccountAnswer, UpdateAccountRequest } from '@courierx/contract';
import { hasControlCharacter } from '../../lib/address.ts';
import { wakeWaiting } from '../../queue/wake-waiting.ts';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { invalid, unauthorized } from '../service-error.ts';
import { ACCOUNT_COLUMNS, toWire } from './to-wire.ts';

/** Changes the name or the policies; mail that a policy holds is looked at again. */
export async function updateAccount(
  deps: ServiceDeps,
  principal: Principal,
  input: UpdateAccountRequest,
): Promise<AccountAnswer> {
  requirePermission(principal, 'write');
  if (input.name !== undefined && (hasControlCharacter(input.name) || input.name.trim() === '')) {
    throw invalid('Name must be one line of text');
  }
  const row = await deps.database.kysely
    .updateTable('accounts')
    .set({
      ...(input.name !== undefined && { name: input.name.trim() }),
      ...(input.on_unknown !== undefined && { onUnknown: input.on_unknown }),
      ...(input.on_auth_failure !== undefined && { onAuthFailure: input.on_auth_failure }),
    })
    .where('id', '=', principal.accountId)
    .returning(ACCOUNT_COLUMNS)
    .executeTakeFirst();
  if (!row) throw unauthorized();
  if (input.on_unknown !== undefined) await wakeWaiting(deps.database.pool, principal.accountId);
  return { account: toWire(row) };
}
