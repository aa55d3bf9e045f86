import type { Database } from '../../db/database.ts';
import { hashPassword, randomToken } from '../../lib/crypto.ts';
import { recordChange } from '../audit/record.ts';
import { notFound } from '../service-error.ts';
import { isNamed } from './is-named.ts';

const PASSWORD_BYTES = 15;

/** For the operator: a new password for one who has lost theirs. Ends all sessions. */
export async function resetPassword(
  { kysely }: Database,
  account: string,
): Promise<{ readonly email: string; readonly password: string }> {
  const password = randomToken(PASSWORD_BYTES);
  const passwordHash = await hashPassword(password);
  return kysely.transaction().execute(async (transaction) => {
    const row = await transaction
      .updateTable('accounts')
      .set((eb) => ({ passwordHash, sessionVersion: eb('sessionVersion', '+', 1) }))
      .where(isNamed(account))
      .where('deletedAt', 'is', null)
      .returning(['id', 'email'])
      .executeTakeFirst();
    if (!row) throw notFound();
    const author = { accountId: row.id, actor: 'operator' } as const;
    const action = 'account.password_changed';
    await recordChange(transaction, author, { action, subjectId: null });
    return { email: row.email, password };
  });
}
