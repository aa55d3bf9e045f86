import { Type, type Static } from 'typebox';
import { Id, nullable, Timestamp } from './common.ts';
import { PROVIDER_NAMES } from './provider.ts';

/** How an SMTP connection is encrypted; by default told by the port (465 and 2465: implicit). */
export const SMTP_TLS_MODES = ['starttls', 'implicit', 'none'] as const;
export type SmtpTlsMode = (typeof SMTP_TLS_MODES)[number];

/**
 * `verified`: the provider said yes. `unverified`: it could not be asked yet; usable.
 * `invalid`: it refuses the credentials; mail goes round it until they are rotated or verified.
 */
export const CONNECTION_STATUSES = ['verified', 'unverified', 'invalid'] as const;
export type ConnectionStatus = (typeof CONNECTION_STATUSES)[number];

const text = (maxLength: number) => Type.String({ minLength: 1, maxLength });

const credentials = {
  api_key: Type.Optional(text(2048)),
  secret: Type.Optional(text(2048)),
  region: Type.Optional(text(64)),
  configuration_set: Type.Optional(text(64)),
  message_stream: Type.Optional(text(64)),
  smtp_host: Type.Optional(text(253)),
  smtp_port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65535 })),
  smtp_tls: Type.Optional(Type.Enum([...SMTP_TLS_MODES])),
  smtp_sessions: Type.Optional(
    nullable(
      Type.Integer({
        minimum: 1,
        maximum: 100,
        description: 'Sessions that one worker opens to the server at once; null: 10.',
      }),
    ),
  ),
  endpoint: Type.Optional(nullable(text(2048))),
  webhook_secret: Type.Optional(nullable(text(2048))),
};

const Priority = Type.Integer({
  minimum: 0,
  maximum: 1_000_000,
  description: 'Lower is tried first.',
});

const Cap = (description: string) =>
  Type.Optional(nullable(Type.Integer({ minimum: 1, maximum: 1_000_000_000, description })));

/** What a connection may be used for; null: no cap. Mail beyond one waits or goes elsewhere. */
const caps = {
  max_per_second: Type.Optional(
    nullable(
      Type.Number({
        minimum: 0.01,
        maximum: 100_000,
        description: 'Mails a second, by all workers together.',
      }),
    ),
  ),
  max_per_day: Cap('Mails a day (UTC).'),
  max_per_month: Cap('Mails a month (UTC).'),
  keep_warm_percent: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 50,
      description: 'Of a hundred mails, how many go first to this connection when it is not first.',
    }),
  ),
};

export const CreateProviderConnectionRequest = Type.Object(
  {
    provider: Type.Enum([...PROVIDER_NAMES]),
    display_name: Type.Optional(text(200)),
    priority: Type.Optional(Priority),
    enabled: Type.Optional(Type.Boolean({ default: true })),
    ...caps,
    ...credentials,
  },
  { additionalProperties: false },
);
export type CreateProviderConnectionRequest = Static<typeof CreateProviderConnectionRequest>;

export const UpdateProviderConnectionRequest = Type.Object(
  {
    display_name: Type.Optional(text(200)),
    priority: Type.Optional(Priority),
    enabled: Type.Optional(Type.Boolean()),
    ...caps,
    ...credentials,
  },
  { additionalProperties: false, minProperties: 1 },
);
export type UpdateProviderConnectionRequest = Static<typeof UpdateProviderConnectionRequest>;

export const Verification = Type.Object({
  status: Type.Enum(['verified', 'failed', 'unreachable']),
  message: Type.String(),
});
export type Verification = Static<typeof Verification>;

export const VerificationAnswer = Type.Object({ verification: Verification });
export type VerificationAnswer = Static<typeof VerificationAnswer>;

/**
 * `healthy`: takes all mail. `throttled`: rests for a moment, at its provider's request. `degraded`:
 * takes none for some receivers. `down`: takes none. `recovering`: is tried with a few mails at a
 * time. `invalid`: the provider refuses its credentials.
 */
export const CONNECTION_HEALTH_STATES = [
  'healthy',
  'throttled',
  'degraded',
  'down',
  'recovering',
  'invalid',
] as const;
export type ConnectionHealthState = (typeof CONNECTION_HEALTH_STATES)[number];

const trouble = {
  since: nullable(Timestamp),
  reason: nullable(Type.String()),
  next_probe_at: nullable(Timestamp),
};

export const ReceiverHealth = Type.Object({
  receiver: Type.String({ description: 'A domain, or a mail service such as gmail.' }),
  state: Type.Enum(['down', 'recovering']),
  ...trouble,
});
export type ReceiverHealth = Static<typeof ReceiverHealth>;

export const ConnectionHealth = Type.Object({
  state: Type.Enum([...CONNECTION_HEALTH_STATES]),
  ...trouble,
  receivers: Type.Array(ReceiverHealth, { description: 'Those it takes no mail for.' }),
});
export type ConnectionHealth = Static<typeof ConnectionHealth>;

/** What the provider says of the account behind the credentials; null where it does not say. */
export const LearnedFacts = Type.Object({
  max_send_rate: nullable(Type.Number({ description: 'Mails a second.' })),
  daily_quota: nullable(Type.Number({ description: 'Mails in 24 hours.' })),
  sent_today: nullable(Type.Number()),
  sandboxed: nullable(Type.Boolean()),
  verified_senders: nullable(Type.Array(Type.String())),
});
export type LearnedFacts = Static<typeof LearnedFacts>;

export const ProviderConnection = Type.Object({
  id: Id,
  provider: Type.Enum([...PROVIDER_NAMES]),
  display_name: Type.String(),
  priority: Type.Integer(),
  enabled: Type.Boolean(),
  status: Type.Enum([...CONNECTION_STATUSES]),
  verification: Verification,
  verified_at: nullable(Timestamp),
  credentials_hint: nullable(Type.String({ description: 'The last four characters.' })),
  region: nullable(Type.String()),
  configuration_set: nullable(Type.String()),
  message_stream: nullable(Type.String()),
  smtp_host: nullable(Type.String()),
  smtp_port: nullable(Type.Integer()),
  smtp_tls: nullable(Type.Enum([...SMTP_TLS_MODES])),
  smtp_sessions: nullable(Type.Integer()),
  endpoint: nullable(Type.String()),
  webhook_url: Type.String(),
  webhook_secret_set: Type.Boolean(),
  webhook_status: Type.Enum(['not_set_up', 'waiting', 'hearing', 'silent'], {
    description: 'Whether the provider tells here what becomes of mails.',
  }),
  last_event_at: nullable(Timestamp),
  paused_until: nullable(Timestamp),
  pause_reason: nullable(Type.String()),
  health: ConnectionHealth,
  max_per_second: nullable(Type.Number()),
  max_per_day: nullable(Type.Integer()),
  max_per_month: nullable(Type.Integer()),
  keep_warm_percent: Type.Integer(),
  learned: nullable(LearnedFacts),
  created_at: Timestamp,
  updated_at: Timestamp,
});
export type ProviderConnection = Static<typeof ProviderConnection>;

/** `recent` figures are of this many attempts: the account's newest, over all its connections. */
export const RECENT_ATTEMPTS = 1000;

/** What a connection was used for lately, and what is used up of its caps. */
export const ConnectionUsage = Type.Object({
  connection_id: Id,
  attempts: Type.Integer({ description: `Of the account's newest ${RECENT_ATTEMPTS} attempts.` }),
  accepted: Type.Integer({ description: 'Those of them that the provider took.' }),
  share: Type.Number({ description: 'Of all that were accepted, by any connection: 0 to 1.' }),
  latency_ms: nullable(
    Type.Object(
      { median: Type.Integer(), p95: Type.Integer() },
      { description: 'Of those accepted, until the answer; null where there is none.' },
    ),
  ),
  used_today: nullable(Type.Integer({ description: 'Of `max_per_day`; null without that cap.' })),
  used_this_month: nullable(
    Type.Integer({ description: 'Of `max_per_month`; null without that cap.' }),
  ),
});
export type ConnectionUsage = Static<typeof ConnectionUsage>;

/** What setting up the webhook on the provider's side came to. */
export const WebhookSetupAnswer = Type.Object({
  webhook_setup: Type.Object({
    status: Type.Enum(['created', 'updated', 'manual', 'failed', 'unreachable']),
    message: Type.String(),
    steps: Type.Array(Type.String(), {
      description: 'What to do by hand, where the provider has no API for it.',
    }),
    webhook_secret: nullable(
      Type.String({ description: 'One that was made just now; shown this once.' }),
    ),
  }),
  provider_connection: ProviderConnection,
});
export type WebhookSetupAnswer = Static<typeof WebhookSetupAnswer>;
