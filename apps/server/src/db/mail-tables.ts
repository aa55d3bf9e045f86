import type { ColumnType, Generated } from 'kysely';
import type { ApiKeyMode, EmailStatus, ProviderName } from '@courierx/contract';
import type {
  Json,
  NullableTimestamp,
  StoredAddress,
  StoredHeader,
  StoredRecipient,
  Timestamp,
} from './columns.ts';

export type IdempotencyKeysTable = {
  accountId: string;
  key: string;
  emailId: string;
  createdAt: Timestamp;
};

export type EmailsTable = {
  accountId: string;
  id: string;
  mode: ApiKeyMode;
  messageId: string;
  fromEmail: string;
  fromName: string | null;
  replyTo: Json<StoredAddress[]>;
  recipients: Json<StoredRecipient[]>;
  recipientSearch: string;
  subject: string;
  tags: string[];
  metadata: Json<Record<string, unknown>>;
  deadline: Timestamp;
  createdAt: Timestamp;
  traceparent: ColumnType<string | null, string | null | undefined, never>;
};

export type EmailContentsTable = {
  accountId: string;
  emailId: string;
  html: string | null;
  text: string | null;
  headers: Json<StoredHeader[]>;
};

export type EmailAttachmentsTable = {
  accountId: string;
  emailId: string;
  position: number;
  filename: string;
  contentType: string;
  contentId: string | null;
  content: Buffer;
};

export type EmailStatesTable = {
  accountId: string;
  emailId: string;
  status: EmailStatus;
  recipientStatuses: EmailStatus[];
  reason: string | null;
  sentAt: NullableTimestamp;
  updatedAt: Timestamp;
};

export type AttemptsTable = {
  accountId: string;
  emailId: string;
  number: number;
  connectionId: string;
  connectionName: string;
  provider: ProviderName;
  lease: string;
  trace: string[];
  outcome: 'accepted' | 'rejected' | 'failed' | 'unknown' | null;
  scope: 'message' | 'recipient' | 'connection' | 'provider' | null;
  reason: string | null;
  detail: string | null;
  statusCode: number | null;
  providerMessageId: string | null;
  latencyMs: number | null;
  startedAt: Timestamp;
  finishedAt: NullableTimestamp;
};

export type EmailEventsTable = {
  accountId: string;
  emailId: string;
  id: string;
  type: string;
  recipient: string | null;
  provider: ProviderName | null;
  connectionId: string | null;
  detail: string | null;
  occurredAt: Timestamp;
  /** Null for what CourierX itself says. */
  fingerprint: string | null;
  /** The vendor's own word. */
  word: string | null;
  url: string | null;
  bounceType: 'hard' | 'soft' | null;
};

export type QueueTable = {
  accountId: string;
  emailId: string;
  runAt: Timestamp;
  lease: string | null;
  rounds: Generated<number>;
  deadline: Timestamp;
  releasedAttempt: ColumnType<number | null, number | null | undefined, number | null>;
  release: ColumnType<
    'resend' | 'give_up' | null,
    'resend' | 'give_up' | null | undefined,
    'resend' | 'give_up' | null
  >;
};

export type SandboxMessagesTable = {
  accountId: string;
  emailId: string;
  connectionId: string;
  attemptNumber: number;
  message: Json<Record<string, unknown>>;
  createdAt: Timestamp;
};
