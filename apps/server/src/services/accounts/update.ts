import type { AccountAnswer, UpdateAccountRequest } from '@courierx/contract';
import { wakeWaiting } from '../../queue/wake-waiting.ts';
import { checkLine, requireSound, type Checked } from '../checked.ts';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { unauthorized } from '../service-error.ts';
import { ACCOUNT_COLUMNS, toWire } from './to-wire.ts';

/** Changes the name or the policies; mail that a policy holds is looked at again. */
export async function updateAccount(
  deps: ServiceDeps,
  principal: Principal,
  body: Checked<UpdateAccountRequest>,
): Promise<AccountAnswer> {
  requirePermission(principal, 'write');
  const input = requireSound(body, checkLine(body.sound.name, 'Name'));
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
