import type { SandboxMessage, SandboxMessageDetail } from '@courierx/contract';
import type { Selectable } from 'kysely';
import type { SandboxMessagesTable, StoredAddress } from '../../db/types.ts';
import type { OutgoingMessage } from '../../providers/message.ts';

type Row = Selectable<SandboxMessagesTable>;

/** As keep.ts writes it. */
type Kept = Omit<OutgoingMessage, 'attachments' | 'emailId' | 'attemptNumber' | 'date'> & {
  readonly attachments: readonly {
    readonly filename: string;
    readonly contentType: string;
    readonly contentId: string | null;
    readonly size: number;
  }[];
};

export function toWire(row: Row): SandboxMessage {
  const kept = row.message as unknown as Kept;
  return {
    id: row.emailId,
    provider_connection_id: row.connectionId,
    attempt_number: row.attemptNumber,
    from: toMailbox(kept.from),
    to: kept.to.map(toMailbox),
    recipients: [...kept.recipients],
    subject: kept.subject,
    created_at: row.createdAt.toISOString(),
  };
}

export function toDetail(row: Row): SandboxMessageDetail {
  const kept = row.message as unknown as Kept;
  return {
    ...toWire(row),
    cc: kept.cc.map(toMailbox),
    bcc: kept.bcc.map(toMailbox),
    reply_to: kept.replyTo.map(toMailbox),
    html_body: kept.html,
    text_body: kept.text,
    headers: Object.fromEntries(kept.headers.map(({ name, value }) => [name, value])),
    attachments: kept.attachments.map((file) => ({
      filename: file.filename,
      content_type: file.contentType,
      content_id: file.contentId,
      size: file.size,
    })),
    message_id: kept.messageId,
    tags: [...kept.tags],
    metadata: kept.metadata,
  };
}

function toMailbox({ address, name }: StoredAddress): { email: string; name: string | null } {
  return { email: address, name };
}
