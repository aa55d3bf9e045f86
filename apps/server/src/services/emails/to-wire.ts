import type { Email, EmailStatus } from '@courierx/contract';
import type { StoredRecipient } from '../../db/types.ts';

/** An email and where it stands, as the list and the 202 show it. */
export type EmailRow = {
  id: string;
  mode: 'live' | 'test';
  fromEmail: string;
  fromName: string | null;
  recipients: readonly StoredRecipient[];
  subject: string;
  tags: readonly string[];
  metadata: Readonly<Record<string, unknown>>;
  deadline: Date;
  createdAt: Date;
  status: EmailStatus;
  recipientStatuses: readonly EmailStatus[];
  reason: string | null;
  sentAt: Date | null;
  nextAttemptAt: Date | null;
};

export function toWire(row: EmailRow): Email {
  const [first] = row.recipients;
  return {
    id: row.id,
    from_email: row.fromEmail,
    from_name: row.fromName,
    to_email: first?.address ?? '',
    to_name: first?.name ?? null,
    subject: row.subject,
    status: row.status,
    status_reason: row.reason,
    mode: row.mode,
    tags: [...row.tags],
    metadata: row.metadata,
    recipients: row.recipients.map((recipient, position) => ({
      email: recipient.address,
      name: recipient.name,
      type: recipient.type,
      status: row.recipientStatuses[position] ?? row.status,
    })),
    queued_at: row.createdAt.toISOString(),
    sent_at: row.sentAt?.toISOString() ?? null,
    next_attempt_at: row.nextAttemptAt?.toISOString() ?? null,
    deadline_at: row.deadline.toISOString(),
    created_at: row.createdAt.toISOString(),
  };
}
