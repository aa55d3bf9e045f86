import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type {
  ApiKeyMode,
  ApiKeyRole,
  AuditActor,
  ConnectionStatus,
  DnsRecord,
  DomainStatus,
  OnAuthFailure,
  OnUnknown,
  ProviderName,
  RoutingStrategy,
  SuppressionReason,
} from '@courierx/contract';
import type { Json, NullableTimestamp, StoredSettings, Timestamp } from './columns.ts';
import type {
  IdempotencyKeysTable,
  EmailsTable,
  EmailContentsTable,
  EmailAttachmentsTable,
  EmailStatesTable,
  AttemptsTable,
  EmailEventsTable,
  QueueTable,
  SandboxMessagesTable,
} from './mail-tables.ts';

export type * from './columns.ts';
export type * from './mail-tables.ts';

/** What a provider said of itself when it was verified (providers' LearnedLimits). */
export type StoredLearned = {
  maxSendRate: number | null;
  dailyQuota: number | null;
  sentToday: number | null;
  isSandboxed: boolean | null;
  verifiedSenders: readonly string[] | null;
};

export type AccountsTable = {
  id: string;
  name: string;
  email: string;
  passwordHash: string;
  sessionVersion: Generated<number>;
  onUnknown: Generated<OnUnknown>;
  onAuthFailure: Generated<OnAuthFailure>;
  deadlineSeconds: Generated<number>;
  rateLimitPerMinute: number | null;
  requireVerifiedDomain: Generated<boolean>;
  retentionDays: Generated<number | null>;
  contentRetentionDays: Generated<number | null>;
  deletedAt: NullableTimestamp;
  dataKey: Buffer;
  dataKeyMaster: string;
  createdAt: Timestamp;
};

export type AccountEventsTable = {
  accountId: string;
  id: string;
  type: string;
  data: Json<Record<string, unknown>>;
  occurredAt: Timestamp;
};

export type ApiKeysTable = {
  accountId: string;
  id: string;
  name: string;
  mode: ApiKeyMode;
  role: ApiKeyRole;
  /** The one domain it may send from; null: any. */
  domain: string | null;
  prefix: string;
  hash: Buffer;
  lastUsedAt: NullableTimestamp;
  expiresAt: NullableTimestamp;
  revokedAt: NullableTimestamp;
  createdAt: Timestamp;
};

export type ConnectionsTable = {
  accountId: string;
  id: string;
  provider: ProviderName;
  displayName: string;
  priority: number;
  status: ConnectionStatus;
  verificationStatus: 'verified' | 'failed' | 'unreachable';
  verificationMessage: string;
  verifiedAt: NullableTimestamp;
  nextVerificationAt: NullableTimestamp;
  verificationTries: Generated<number>;
  settings: Json<StoredSettings>;
  secrets: Buffer | null;
  secretsHint: string | null;
  webhookToken: string;
  webhookSecret: Buffer | null;
  version: Generated<number>;
  pausedUntil: NullableTimestamp;
  pauseReason: string | null;
  disabledAt: NullableTimestamp;
  /** When a genuine request last came to its webhook URL. */
  lastEventAt: NullableTimestamp;
  /** Since when it sends without hearing anything. */
  silentSince: NullableTimestamp;
  maxPerSecond: ColumnType<number | null, number | null | undefined, number | null>;
  maxPerDay: ColumnType<number | null, number | null | undefined, number | null>;
  maxPerMonth: ColumnType<number | null, number | null | undefined, number | null>;
  keepWarmPercent: Generated<number>;
  learned: ColumnType<StoredLearned | null, string | null | undefined, string | null>;
  invalidSince: NullableTimestamp;
  createdAt: Timestamp;
  updatedAt: Timestamp;
};

export type ConnectionBreakersTable = {
  accountId: string;
  connectionId: string;
  receiver: string;
  state: 'closed' | 'open' | 'half_open';
  reason: string;
  since: Timestamp;
  openings: number;
  nextProbeAt: Timestamp;
  probes: Generated<number>;
  probesUntil: NullableTimestamp;
  successes: Generated<number>;
};

export type ConnectionPacesTable = {
  accountId: string;
  connectionId: string;
  recentSlots: Generated<string[]>;
  recentCounts: Generated<number[]>;
  throttledRate: number | null;
  throttledAt: NullableTimestamp;
  day: ColumnType<Date | number, string, string>;
  dayCount: Generated<number>;
  month: ColumnType<Date | number, string, string>;
  monthCount: Generated<number>;
};

export type EndedSessionsTable = {
  accountId: string;
  id: string;
  expiresAt: Date;
};

export type DomainsTable = {
  accountId: string;
  id: string;
  domain: string;
  status: Generated<DomainStatus>;
  verificationToken: string;
  verifiedAt: NullableTimestamp;
  checkStatus: 'found' | 'missing' | 'unreachable' | null;
  checkMessage: string | null;
  checkedAt: NullableTimestamp;
  missingSince: NullableTimestamp;
  nextCheckAt: Timestamp;
  checkTries: Generated<number>;
  advice: ColumnType<DnsRecord[], string | undefined, string>;
  createdAt: Timestamp;
};

export type AuditLogTable = {
  accountId: string;
  id: string;
  actor: AuditActor;
  apiKeyId: string | null;
  action: string;
  subjectId: string | null;
  detail: Json<Record<string, unknown>>;
  occurredAt: Timestamp;
};

export type SuppressionsTable = {
  accountId: string;
  address: string;
  reason: SuppressionReason;
  id: string;
  note: string | null;
  evidence: ColumnType<Record<string, unknown> | null, string | null | undefined, string | null>;
  expiresAt: NullableTimestamp;
  createdAt: Timestamp;
};

export type WebhookRequestsTable = {
  accountId: string;
  id: string;
  connectionId: string;
  replayKey: string | null;
  bodyHash: Buffer;
  headers: Json<Record<string, string>>;
  body: Buffer | null;
  receivedAt: Timestamp;
  runAt: NullableTimestamp;
  lease: string | null;
  tries: Generated<number>;
  error: string | null;
};

export type WaitingEventsTable = {
  accountId: string;
  id: string;
  connectionId: string;
  fingerprint: string;
  event: Json<object>;
  emailId: Generated<string | null>;
  providerMessageId: Generated<string | null>;
  runAt: Timestamp;
  tries: Generated<number>;
  receivedAt: Timestamp;
};

export type SoftBouncesTable = {
  accountId: string;
  address: string;
  mails: number;
  lastEmailId: string;
  since: Timestamp;
};

export type RoutingRulesTable = {
  accountId: string;
  id: string;
  name: string;
  position: number;
  senderDomain: string | null;
  recipientDomain: string | null;
  tag: string | null;
  strategy: RoutingStrategy;
  sandboxOnly: boolean;
  disabledAt: NullableTimestamp;
  createdAt: Timestamp;
  updatedAt: Timestamp;
};

export type RoutingRuleConnectionsTable = {
  accountId: string;
  ruleId: string;
  connectionId: string;
  position: number;
  priority: number;
  weight: number;
  failoverOnly: boolean;
};

export type WebhookEndpointsTable = {
  accountId: string;
  id: string;
  url: string;
  description: string | null;
  /** Empty: every event of the account's emails. */
  events: string[];
  secret: Buffer;
  oldSecret: Buffer | null;
  oldSecretUntil: NullableTimestamp;
  disabledAt: NullableTimestamp;
  disabledReason: string | null;
  failingSince: NullableTimestamp;
  createdAt: Timestamp;
  updatedAt: Timestamp;
};

export type WebhookDeliveriesTable = {
  accountId: string;
  id: string;
  endpointId: string;
  kind: 'email' | 'account' | 'test';
  eventId: string;
  emailId: string | null;
  type: string;
  recipient: string | null;
  provider: string | null;
  data: JSONColumnType<Record<string, unknown> | null>;
  occurredAt: Timestamp;
  status: Generated<'pending' | 'succeeded' | 'failed'>;
  runAt: NullableTimestamp;
  lease: string | null;
  tries: Generated<number>;
  attempts: Generated<number>;
  lastStatusCode: number | null;
  lastError: string | null;
  lastAttemptAt: NullableTimestamp;
  createdAt: Timestamp;
};

export type WebhookDeliveryAttemptsTable = {
  accountId: string;
  deliveryId: string;
  number: number;
  statusCode: number | null;
  answer: string | null;
  error: string | null;
  latencyMs: number;
  attemptedAt: Timestamp;
};

/** `type`: `accepted`, a type of event, or `hard_bounced`. */
export type UsageDaysTable = {
  accountId: string;
  day: ColumnType<Date, string, string>;
  provider: string;
  type: string;
  amount: ColumnType<string, number, number>;
};

export type UsageDeltasTable = UsageDaysTable & { id: Generated<string> };

/** Every table of ours, as Kysely names it (camelCase; see db/database.ts). */
export type Tables = {
  accounts: AccountsTable;
  accountEvents: AccountEventsTable;
  apiKeys: ApiKeysTable;
  connections: ConnectionsTable;
  connectionBreakers: ConnectionBreakersTable;
  connectionPaces: ConnectionPacesTable;
  domains: DomainsTable;
  endedSessions: EndedSessionsTable;
  auditLog: AuditLogTable;
  suppressions: SuppressionsTable;
  idempotencyKeys: IdempotencyKeysTable;
  emails: EmailsTable;
  emailContents: EmailContentsTable;
  emailAttachments: EmailAttachmentsTable;
  emailStates: EmailStatesTable;
  attempts: AttemptsTable;
  emailEvents: EmailEventsTable;
  queue: QueueTable;
  routingRules: RoutingRulesTable;
  routingRuleConnections: RoutingRuleConnectionsTable;
  sandboxMessages: SandboxMessagesTable;
  softBounces: SoftBouncesTable;
  waitingEvents: WaitingEventsTable;
  usageDays: UsageDaysTable;
  usageDeltas: UsageDeltasTable;
  webhookRequests: WebhookRequestsTable;
  webhookEndpoints: WebhookEndpointsTable;
  webhookDeliveries: WebhookDeliveriesTable;
  webhookDeliveryAttempts: WebhookDeliveryAttemptsTable;
};
