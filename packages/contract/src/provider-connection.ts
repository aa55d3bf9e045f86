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
  endpoint: Type.Optional(nullable(text(2048))),
  webhook_secret: Type.Optional(nullable(text(2048))),
};

const Priority = Type.Integer({
  minimum: 0,
  maximum: 1_000_000,
  description: 'Lower is tried first.',
});

export const CreateProviderConnectionRequest = Type.Object(
  {
    provider: Type.Enum([...PROVIDER_NAMES]),
    display_name: Type.Optional(text(200)),
    priority: Type.Optional(Priority),
    enabled: Type.Optional(Type.Boolean({ default: true })),
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
  endpoint: nullable(Type.String()),
  webhook_url: Type.String(),
  webhook_secret_set: Type.Boolean(),
  paused_until: nullable(Timestamp),
  pause_reason: nullable(Type.String()),
  created_at: Timestamp,
  updated_at: Timestamp,
});
export type ProviderConnection = Static<typeof ProviderConnection>;
