import { sql, type Kysely } from 'kysely';
import type { Tables } from '../../db/types.ts';

/** Emails joined with where they stand; every reader of emails starts from here. */
export function selectEmails(kysely: Kysely<Tables>, accountId: string) {
  return kysely
    .selectFrom('emails')
    .innerJoin('emailStates', (join) =>
      join
        .onRef('emailStates.accountId', '=', 'emails.accountId')
        .onRef('emailStates.emailId', '=', 'emails.id'),
    )
    .where('emails.accountId', '=', accountId);
}

/** The columns of an EmailRow. The queue's row is gone once the mail's sending is over. */
export function selectEmailRows(kysely: Kysely<Tables>, accountId: string) {
  return selectEmails(kysely, accountId)
    .leftJoin('queue', (join) =>
      join
        .onRef('queue.accountId', '=', 'emails.accountId')
        .onRef('queue.emailId', '=', 'emails.id'),
    )
    .select([
      'emails.id',
      'emails.mode',
      'emails.messageId',
      'emails.fromEmail',
      'emails.fromName',
      'emails.replyTo',
      'emails.recipients',
      'emails.subject',
      'emails.tags',
      'emails.metadata',
      'emails.deadline',
      'emails.createdAt',
      'emailStates.status',
      'emailStates.recipientStatuses',
      'emailStates.reason',
      'emailStates.sentAt',
      // While a worker has it in hand, nothing is waited for.
      sql<Date | null>`case when queue.lease is null then queue.run_at end`.as('nextAttemptAt'),
    ]);
}
