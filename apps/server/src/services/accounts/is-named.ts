import { sql, type ExpressionBuilder } from 'kysely';
import type { Tables } from '../../db/types.ts';
import { isId } from '../../lib/ids.ts';

/** A condition on accounts: the one that an operator names by its id or e-mail. */
export const isNamed = (account: string) => (eb: ExpressionBuilder<Tables, 'accounts'>) =>
  isId(account)
    ? eb('id', '=', account)
    : eb(sql<string>`lower(email)`, '=', account.trim().toLowerCase());
