import type { StoredAddress } from '../db/types.ts';
import type { OutgoingMessage } from '../providers/message.ts';
import type { LoadedAttachment } from '../queue/load-attachments.ts';
import type { LoadedEmail } from '../queue/load-emails.ts';

export type MessageParts = {
  readonly recipients: readonly string[];
  readonly attachments: readonly LoadedAttachment[];
  readonly attemptNumber: number;
};

/** The email as adapters take it; the same on every attempt but for the recipients still open. */
export function buildMessage(email: LoadedEmail, parts: MessageParts): OutgoingMessage {
  const ofType = (type: 'to' | 'cc' | 'bcc'): StoredAddress[] =>
    email.recipients
      .filter((recipient) => recipient.type === type)
      .map(({ address, name }) => ({ address, name }));
  return {
    ...parts,
    emailId: email.id,
    messageId: email.messageId,
    date: email.createdAt,
    from: { address: email.fromEmail, name: email.fromName },
    replyTo: email.replyTo,
    to: ofType('to'),
    cc: ofType('cc'),
    bcc: ofType('bcc'),
    subject: email.subject,
    html: email.html,
    text: email.text,
    headers: email.headers,
    tags: email.tags,
    metadata: email.metadata,
  };
}
