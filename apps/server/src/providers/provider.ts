import type { ProviderName } from '@courierx/contract';
import type { Connection, ConnectionSecrets, ConnectionSettings } from './connection.ts';
import type { OutgoingMessage } from './message.ts';
import type { Outcome } from './outcome.ts';
import type { ProviderHttp } from './http.ts';
import type { OutboundGuard } from '../lib/outbound-guard.ts';
import type { TimeLimits } from './time-limits.ts';
import type { Settlement } from './settlement.ts';
import type { ProviderWebhooks } from './webhooks.ts';

/** What a provider says of the account behind the credentials; null where it does not say. */
export type LearnedLimits = {
  /** Mails a second it takes. */
  readonly maxSendRate: number | null;
  /** Mails in 24 hours, and how many of them are used. */
  readonly dailyQuota: number | null;
  readonly sentToday: number | null;
  /** True: only to verified addresses, until the vendor lifts it. */
  readonly isSandboxed: boolean | null;
  /** Domains and addresses it may send from; null: not known. */
  readonly verifiedSenders: readonly string[] | null;
};

/** The answer to "are these credentials good", asked without sending. */
export type VerificationResult =
  | {
      readonly status: 'verified';
      readonly message: string;
      readonly learned?: LearnedLimits;
    }
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
  /** Mails that a connection takes at once from one worker; absent where it takes any number. */
  maxSessions?(settings: ConnectionSettings): number;
  /** Faults of the settings themselves, each naming its field; empty when they can be tried. */
  checkSettings(settings: ConnectionSettings, secrets: ConnectionSecrets): readonly string[];
  /** One attempt. `signal` aborts it; an abort rejects, everything else is an outcome. */
  send(connection: Connection, message: OutgoingMessage, signal: AbortSignal): Promise<Outcome>;
  verify(connection: Connection, signal: AbortSignal): Promise<VerificationResult>;
  /** How it tells what became of mails; absent where it tells nothing. */
  readonly webhooks?: ProviderWebhooks;
  /**
   * Finds out whether an attempt of unknown outcome left; absent where the provider has no means.
   * `message` is the one of that attempt, `startedAt` when it was made.
   */
  settle?(
    connection: Connection,
    attempt: { readonly message: OutgoingMessage; readonly startedAt: Date },
    signal: AbortSignal,
  ): Promise<Settlement>;
  /** Drops idle sockets kept for a connection, or for all. */
  close(connectionId?: string): Promise<void>;
};
