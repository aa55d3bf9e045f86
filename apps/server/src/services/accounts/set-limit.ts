import type { Database } from '../../db/database.ts';
import { recordChange } from '../audit/record.ts';
import { notFound } from '../service-error.ts';
import { isNamed } from './is-named.ts';

export type LimitedAccount = {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  /** Null: the server's default. */
  readonly rateLimitPerMinute: number | null;
  readonly createdAt: Date;
};

const COLUMNS = ['id', 'name', 'email', 'rateLimitPerMinute', 'createdAt'] as const;

/** For the operator: every account, the newest first. */
export async function listAccounts({ kysely }: Database): Promise<LimitedAccount[]> {
  return kysely
    .selectFrom('accounts')
    .select(COLUMNS)
    .where('deletedAt', 'is', null)
    .orderBy('id', 'desc')
    .execute();
}

/** For the operator: an account's own limit, by its id or e-mail; null gives it the default again. */
export async function setAccountLimit(
  { kysely }: Database,
  account: string,
  perMinute: number | null,
): Promise<LimitedAccount> {
  return kysely.transaction().execute(async (transaction) => {
    const row = await transaction
      .updateTable('accounts')
      .set({ rateLimitPerMinute: perMinute })
      .where(isNamed(account))
      .where('deletedAt', 'is', null)
      .returning(COLUMNS)
      .executeTakeFirst();
    if (!row) throw notFound();
    const author = { accountId: row.id, actor: 'operator' } as const;
    const detail = { rate_limit_per_minute: perMinute };
    await recordChange(transaction, author, {
      action: 'account.limit_changed',
      subjectId: null,
      detail,
    });
    return row;
  });
}
