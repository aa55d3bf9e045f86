import type { Database } from '../../db/database.ts';
import type { OutgoingMessage } from '../../providers/message.ts';
import type { Connection } from '../../providers/connection.ts';

/** Puts a mail into the sandbox's inbox; a second copy of the same email replaces the first. */
export async function keepSandboxMessage(
  database: Database,
  connection: Connection,
  message: OutgoingMessage,
): Promise<void> {
  const { attachments, attemptNumber, emailId, ...rest } = message;
  const files = attachments.map(({ content, ...file }) => ({ ...file, size: content.length }));
  const row = { attemptNumber, message: JSON.stringify({ ...rest, attachments: files }) };
  await database.kysely
    .insertInto('sandboxMessages')
    .values({ accountId: connection.accountId, connectionId: connection.id, emailId, ...row })
    .onConflict((conflict) =>
      conflict.columns(['accountId', 'emailId', 'connectionId']).doUpdateSet(row),
    )
    .execute();
}
