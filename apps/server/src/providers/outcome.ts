import type { ReportedEvent } from './webhooks.ts';

/** Who is to blame for an answer: it decides what is tried next and whose health it touches. */
export type FaultScope = 'message' | 'recipient' | 'connection' | 'provider';

/** Why an attempt did not end in acceptance; a closed vocabulary, every adapter maps to it. */
export const FAULT_REASONS = [
  /** The address is malformed or does not exist. */
  'invalid_recipient',
  /** The recipient can't take mail now: greylisting, mailbox full, temporary refusal. */
  'recipient_deferred',
  /** The provider refuses this content or request. */
  'invalid_message',
  /** Larger than this provider carries. */
  'too_large',
  /** The credentials are refused. */
  'auth_failed',
  /** The credentials are good, but lack the right to send. */
  'not_permitted',
  /** The sender address or domain is not verified with this provider. */
  'sender_not_verified',
  /** The provider account is suspended or blocked. */
  'suspended',
  /** A quota of the provider account is used up. */
  'quota_exceeded',
  /** The provider blames our sending address or reputation. */
  'policy_blocked',
  /** The connection's settings can't work: wrong region, unknown host, TLS not possible. */
  'misconfigured',
  /** Too many requests; wait `retryAfterMs`. */
  'rate_limited',
  'dns_failed',
  'connect_failed',
  'connect_timeout',
  'tls_failed',
  /** The outbound network guard refuses the address. */
  'address_blocked',
  /** The provider answered that it can't now (5xx, 421, 451). */
  'server_error',
  /** The whole message may have left, and no answer came in time. */
  'response_timeout',
  /** The whole message may have left, and the connection broke. */
  'connection_lost',
  /** The provider answered, and the answer does not say whether the mail was taken. */
  'unreadable_response',
  /** The worker that made the attempt died before it recorded an answer. */
  'worker_lost',
] as const;

/** See {@link FAULT_REASONS}. */
export type FaultReason = (typeof FAULT_REASONS)[number];

/** A refusal of some recipients by a provider that took the mail for the others. */
export type RecipientFault = {
  readonly address: string;
  /** `rejected`: for good. `deferred`: may be tried again. */
  readonly kind: 'rejected' | 'deferred';
  readonly reason: FaultReason;
  readonly detail: string;
};

type Answer = {
  /** The provider's own words, at most 500 characters, without secrets. */
  readonly detail: string;
  /** HTTP status or SMTP reply code, where one came. */
  readonly statusCode: number | null;
};

/** The provider took the mail (for every recipient not in `recipientFaults`). */
export type Accepted = Answer & {
  readonly kind: 'accepted';
  readonly providerMessageId: string | null;
  readonly recipientFaults: readonly RecipientFault[];
  /** What the provider already knows of the mail's fate, for providers that say so at once. */
  readonly events: readonly ReportedEvent[];
};

/** A definite, permanent no about this message or its recipients: no other provider is tried. */
export type Rejected = Answer & {
  readonly kind: 'rejected';
  readonly scope: 'message' | 'recipient';
  readonly reason: FaultReason;
};

/** Certainly not sent, and worth another connection or another time. */
export type Failed = Answer & {
  readonly kind: 'failed';
  readonly scope: FaultScope;
  readonly reason: FaultReason;
  /** How long the provider asks us to wait. */
  readonly retryAfterMs: number | null;
  /** Where all recipients were refused, each for its own reason: those refused for good. */
  readonly recipientFaults?: readonly RecipientFault[];
};

/** The message may have left: bytes went out and no readable answer came back. */
export type Unknown = Answer & { readonly kind: 'unknown'; readonly reason: FaultReason };

/** What one attempt came to. Adapters return it; they throw only for bugs and aborts. */
export type Outcome = Accepted | Rejected | Failed | Unknown;
