import type { ProviderName } from '@courierx/contract';
import type { OutgoingMessage } from './message.ts';
import type { Outcome } from './outcome.ts';
import type { ProviderHttp } from './http.ts';
import type { OutboundGuard } from '../lib/outbound-guard.ts';
import type { TimeLimits } from './time-limits.ts';

/** The settings of a connection that are no secret, as stored. */
export type ConnectionSettings = {
  readonly region?: string;
  readonly configuration_set?: string;
  readonly message_stream?: string;
  readonly smtp_host?: string;
  readonly smtp_port?: number;
  readonly smtp_tls?: 'starttls' | 'implicit' | 'none';
  /** Replaces the provider's base URL. */
  readonly endpoint?: string;
};

/** The secret part; encrypted at rest, never logged nor shown. */
export type ConnectionSecrets = {
  readonly api_key?: string;
  readonly secret?: string;
};

/** A connection as an adapter sees it. */
export type Connection = {
  readonly id: string;
  readonly accountId: string;
  /** Rises with every change of settings or secrets, so that pools built on the old are dropped. */
  readonly version: number;
  readonly settings: ConnectionSettings;
  readonly secrets: ConnectionSecrets;
};

/** The answer to "are these credentials good", asked without sending. */
export type VerificationResult =
  | { readonly status: 'verified'; readonly message: string }
  /** The provider says no. `reason` tells a bad key from a good one that may not send. */
  | { readonly status: 'failed'; readonly message: string }
  /** The provider could not be asked. */
  | { readonly status: 'unreachable'; readonly message: string };

/** What adapters are given by the composition root. */
export type ProviderDeps = {
  readonly http: ProviderHttp;
  readonly guard: OutboundGuard;
  readonly timeLimits: TimeLimits;
  /** Keeps a mail in the local inbox of the sandbox. Idempotent by email and attempt. */
  readonly keepInSandbox: (connection: Connection, message: OutgoingMessage) => Promise<void>;
};

/** What an adapter can carry; checked before a mail is routed to it. */
export type Capabilities = {
  /** Largest message in bytes, encoded, with attachments. */
  readonly maxMessageBytes: number;
  readonly maxRecipients: number;
  /** Tags handed on; more stay with CourierX. 0: it has no place for them. null: any number. */
  readonly maxTags: number | null;
  /** Metadata handed on, as JSON; what does not fit stays with CourierX. 0 and null as above. */
  readonly maxMetadataBytes: number | null;
  readonly customHeaders: boolean;
  readonly attachments: boolean;
  readonly inlineAttachments: boolean;
  readonly multipleReplyTo: boolean;
  /** Our Message-ID header is kept as it is. */
  readonly keepsMessageId: boolean;
  /** Header names (lower case) this provider refuses or overwrites. */
  readonly reservedHeaders: readonly string[];
};

/** Which credential fields a provider takes. */
export type CredentialFields = {
  readonly required: readonly (keyof ConnectionSettings | keyof ConnectionSecrets)[];
  readonly optional: readonly (keyof ConnectionSettings | keyof ConnectionSecrets)[];
};

/** A provider, as the rest of CourierX knows it. */
export type Provider = {
  readonly name: ProviderName;
  readonly capabilities: Capabilities;
  readonly credentials: CredentialFields;
  /** Faults of the settings themselves, each naming its field; empty when they can be tried. */
  checkSettings(settings: ConnectionSettings, secrets: ConnectionSecrets): readonly string[];
  /** One attempt. `signal` aborts it; an abort rejects, everything else is an outcome. */
  send(connection: Connection, message: OutgoingMessage, signal: AbortSignal): Promise<Outcome>;
  verify(connection: Connection, signal: AbortSignal): Promise<VerificationResult>;
  /** Drops idle sockets kept for a connection, or for all. */
  close(connectionId?: string): Promise<void>;
};
