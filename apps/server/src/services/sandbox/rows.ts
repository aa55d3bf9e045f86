import type { Kysely } from 'kysely';
import type { Tables } from '../../db/types.ts';

/** Of a mail that several sandboxes took, the last copy. */
export function selectSandboxMessages(kysely: Kysely<Tables>, accountId: string) {
  return kysely
    .selectFrom('sandboxMessages')
    .distinctOn('emailId')
    .selectAll()
    .where('accountId', '=', accountId)
    .orderBy('emailId', 'desc')
    .orderBy('attemptNumber', 'desc');
}
