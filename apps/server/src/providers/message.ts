/** One mailbox. `address` is a bare, validated addr-spec with an ASCII (punycode) domain. */
export type Address = { readonly address: string; readonly name: string | null };

/** A file that travels with the mail; `contentId` makes it inline (`cid:…` in the HTML). */
export type Attachment = {
  readonly filename: string;
  readonly contentType: string;
  readonly contentId: string | null;
  readonly content: Buffer;
};

/** What one attempt asks a provider to send. Every value is already validated. */
export type OutgoingMessage = {
  readonly emailId: string;
  /** 1 for the first attempt of this email, counted over all connections. */
  readonly attemptNumber: number;
  /** The Message-ID header with angle brackets; the same on every attempt. */
  readonly messageId: string;
  readonly date: Date;
  readonly from: Address;
  readonly replyTo: readonly Address[];
  /** The header lists, complete, whatever `recipients` says. */
  readonly to: readonly Address[];
  readonly cc: readonly Address[];
  readonly bcc: readonly Address[];
  /** The addresses this attempt is for: those not yet delivered nor suppressed. Never empty. */
  readonly recipients: readonly string[];
  readonly subject: string;
  readonly html: string | null;
  readonly text: string | null;
  /** Custom headers in the caller's order; reserved names were refused at accept. */
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly attachments: readonly Attachment[];
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
};
