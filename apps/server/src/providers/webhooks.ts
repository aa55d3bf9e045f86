import type { EmailEventType } from './event.ts';
import type { Connection } from './connection.ts';

/** A request a provider (or somebody else) sent to a connection's webhook URL, as it came. */
export type WebhookRequest = {
  /** By lower-case name; repeated ones joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes that signatures are made over. */
  readonly body: Buffer;
};

/** What a request is checked against. */
export type WebhookContext = {
  readonly connection: Connection;
  /** The connection's webhook secret; null where none is set. See each adapter for what it is. */
  readonly secret: string | null;
  readonly now: Date;
  readonly signal: AbortSignal;
};

/** Whether a request is the provider's own. */
export type WebhookVerdict =
  | {
      readonly kind: 'genuine';
      /**
       * Unique to this request and the same for the provider's own repeats of it, where the vendor
       * gives such a value (a token, a message id); null otherwise. A second request with the same
       * key and the same body is answered 200 and not stored again; with another body it is forged.
       */
      readonly replayKey: string | null;
    }
  /** Answered 401. `message` says what to mend, never what the right value would be. */
  | { readonly kind: 'forged'; readonly message: string }
  /** Answered 400: not what this provider sends. */
  | { readonly kind: 'malformed'; readonly message: string }
  /** Could not be checked now (a certificate could not be fetched); answered 503, sent again. */
  | { readonly kind: 'unverifiable'; readonly message: string };

/** What a provider says of a bounce; evidence goes before the vendor's own label. */
export type BounceEvidence = {
  /** The vendor's own view. `null`: it has none. */
  readonly label: 'hard' | 'soft' | null;
  /** RFC 3463, such as `5.1.1`; from the vendor's field or its diagnostic text. */
  readonly enhancedStatus: string | null;
  /** SMTP reply code of the receiving server. */
  readonly replyCode: number | null;
  /** The receiving server's words. */
  readonly diagnostic: string | null;
};

/** One thing a provider reports, in our words; every adapter maps to it by table. */
export type ReportedEvent = {
  /** Null: a word this version does not know; kept, counted, never an error. */
  readonly type: EmailEventType | null;
  /** The vendor's own word, such as `GroupUnsubscribe`. */
  readonly word: string;
  /** The vendor's id of this event, where it has one that is stable over repeats. */
  readonly providerEventId: string | null;
  /** As `Accepted.providerMessageId` of the attempt that sent it. */
  readonly providerMessageId: string | null;
  /** Our email id, as it came back in custom args, metadata, variables, tags or headers. */
  readonly emailId: string | null;
  /** Bare address; null where the vendor names none (then it is of all recipients). */
  readonly recipient: string | null;
  /** The vendor's time; null where it gives none. */
  readonly occurredAt: Date | null;
  /** The provider's words for people, at most 500 characters. */
  readonly detail: string | null;
  readonly bounce: BounceEvidence | null;
  /** The link of a click. */
  readonly url: string | null;
};

/** What setting up the webhook on the customer's provider account came to. */
export type WebhookSetup =
  | {
      readonly kind: 'created' | 'updated';
      readonly message: string;
      /** The secret the provider made for it, to be kept as the connection's; null: unchanged. */
      readonly secret: string | null;
    }
  /** The vendor's API does not do it, or this key may not: what to paste where, step by step. */
  | { readonly kind: 'manual'; readonly message: string; readonly steps: readonly string[] }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'unreachable'; readonly message: string };

/** How a provider tells what became of mails. Files: `<name>/{signature,events,webhooks}.ts`. */
export type ProviderWebhooks = {
  /** The secret may be any we choose: one is made where none is set. Else the vendor makes it. */
  readonly secretIsOurs?: true;
  /** It tells of failures alone: that nothing is heard means nothing. */
  readonly tellsFailuresOnly?: true;
  /** Faults of a webhook secret, each naming the field and the fix. */
  checkSecret(secret: string): readonly string[];
  /** Checks signature, time tolerance and shape. Never throws; never answers `genuine` unsigned. */
  verify(request: WebhookRequest, context: WebhookContext): Promise<WebhookVerdict>;
  /** Pure. The events of a genuine request; what can't be read in it is left out with a null type. */
  read(request: WebhookRequest): readonly ReportedEvent[];
  /**
   * Answers a genuine request that asks for something instead of telling (SNS subscription
   * confirmation). Run after the request is stored; false: try again later.
   */
  confirm?(request: WebhookRequest, context: WebhookContext): Promise<boolean>;
  /** Creates or mends our own webhook on the customer's account; touches nothing else there. */
  setup(context: {
    readonly connection: Connection;
    /** Where the provider is to send its events. */
    readonly url: string;
    readonly secret: string | null;
    readonly signal: AbortSignal;
  }): Promise<WebhookSetup>;
};
