import type { AccountAnswer } from '@courierx/contract';
import type { Principal, ServiceDeps } from '../context.ts';
import { unauthorized } from '../service-error.ts';
import { ACCOUNT_COLUMNS, toWire } from './to-wire.ts';

/** The caller's own account; every key may know whose it is. */
export async function getAccount(deps: ServiceDeps, principal: Principal): Promise<AccountAnswer> {
  const row = await deps.database.kysely
    .selectFrom('accounts')
    .select(ACCOUNT_COLUMNS)
    .where('id', '=', principal.accountId)
    .where('deletedAt', 'is', null)
    .executeTakeFirst();
  if (!row) throw unauthorized();
  return { account: toWire(row) };
}
