import type { Kysely } from 'kysely';
import type { Tables } from './types.ts';

/** Several reads of one moment: none sees what was written between two of them. */
export function inOneMoment<T>(
  kysely: Kysely<Tables>,
  read: (moment: Kysely<Tables>) => Promise<T>,
): Promise<T> {
  return kysely
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(read);
}
