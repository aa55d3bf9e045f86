import type { Database } from '../../db/database.ts';
import type { Keyring } from '../../lib/keyring.ts';

/**
 * Puts every account's data key under the current master key. After it the previous master key is
 * needed no more. Two nodes may do it together: each writes only over what it has read.
 */
export async function rewrapDataKeys(database: Database, keyring: Keyring): Promise<number> {
  const rows = await database.kysely
    .selectFrom('accounts')
    .select(['id', 'dataKey', 'dataKeyMaster'])
    .where('dataKeyMaster', '!=', keyring.current)
    .execute();
  for (const row of rows) {
    const key = keyring.rewrap(row.id, { wrapped: row.dataKey, master: row.dataKeyMaster });
    await database.kysely
      .updateTable('accounts')
      .set({ dataKey: key.wrapped, dataKeyMaster: key.master })
      .where('id', '=', row.id)
      .where('dataKeyMaster', '=', row.dataKeyMaster)
      .execute();
  }
  return rows.length;
}
