import type { AccountAnswer } from '@courierx/contract';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { unauthorized } from '../service-error.ts';
import { ACCOUNT_COLUMNS, toWire } from './to-wire.ts';

/** The caller's own account. */
export async function getAccount(deps: ServiceDeps, principal: Principal): Promise<AccountAnswer> {
  requirePermission(principal, 'read');
  const row = await deps.database.kysely
    .selectFrom('accounts')
    .select(ACCOUNT_COLUMNS)
    .where('id', '=', principal.accountId)
    .executeTakeFirst();
  if (!row) throw unauthorized();
  return { account: toWire(row) };
}
