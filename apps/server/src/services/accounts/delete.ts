import type { DeleteAccountRequest } from '@courierx/contract';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { invalid, ServiceError, unauthorized } from '../service-error.ts';
import { checkPassword } from './check-password.ts';

/**
 * Ends an account. Nobody gets in and no mail leaves from now on; its rows go in the background
 * (purge-deleted.ts). Its e-mail address is free for another account at once.
 */
export async function deleteAccount(
  deps: ServiceDeps,
  principal: Principal,
  { password }: DeleteAccountRequest,
): Promise<void> {
  requirePermission(principal, 'write');
  const { accountId } = principal;
  const account = await deps.database.kysely
    .selectFrom('accounts')
    .select(['email', 'passwordHash'])
    .where('id', '=', accountId)
    .where('deletedAt', 'is', null)
    .executeTakeFirst();
  if (!account) throw unauthorized();
  const { email, passwordHash } = account;
  if (!(await checkPassword(deps, { email, hash: passwordHash }, password))) {
    throw invalid('Password is not the password of this account');
  }
  const connectionIds = await endAccount(deps, accountId, passwordHash);
  await Promise.all(
    [...deps.providers.values()].flatMap((provider) =>
      connectionIds.map((id) => provider.close(id)),
    ),
  );
}

/** All that lets anyone in or any mail out. */
async function endAccount(
  { database }: ServiceDeps,
  accountId: string,
  passwordHash: string,
): Promise<string[]> {
  return database.kysely.transaction().execute(async (transaction) => {
    const ended = await transaction
      .updateTable('accounts')
      .set((eb) => ({
        deletedAt: eb.fn<Date>('now'),
        name: '',
        email: `deleted ${accountId}`,
        passwordHash: 'deleted',
        sessionVersion: eb('sessionVersion', '+', 1),
      }))
      .where('id', '=', accountId)
      // The password that was checked is still the password.
      .where('passwordHash', '=', passwordHash)
      .where('deletedAt', 'is', null)
      .executeTakeFirst();
    if (ended.numUpdatedRows === 0n) {
      throw new ServiceError('conflict', 'The account was changed at the same time');
    }
    await transaction.deleteFrom('apiKeys').where('accountId', '=', accountId).execute();
    const connections = await transaction
      .deleteFrom('connections')
      .where('accountId', '=', accountId)
      .returning('id')
      .execute();
    return connections.map(({ id }) => id);
  });
}
