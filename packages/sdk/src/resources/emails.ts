import { toBase64 } from '../internal/base64.ts';
import type { List } from '../internal/list.ts';
import { platformCrypto } from '../internal/platform-crypto.ts';
import { Resource, segment } from '../internal/resource.ts';
import type { CallOptions } from '../internal/transport.ts';
import type { ProviderName } from './provider-connections.ts';

export type EmailStatus = 'queued' | 'sent' | 'delivered' | 'bounced' | 'failed' | 'suppressed';

/** `"ada@example.com"`, `"Ada <ada@example.com>"`, or name and address apart. */
export type Address = string | { email: string; name?: string | null | undefined };

export type Attachment = {
  filename: string;
  /** The file's bytes, or their base64. */
  content: string | Uint8Array | ArrayBuffer;
  contentType?: string | null | undefined;
  /** Makes it inline: `cid:…` in the HTML. */
  contentId?: string | null | undefined;
};

export type SendEmailInput = {
  from: Address;
  fromName?: string | null | undefined;
  to: Address | Address[];
  toName?: string | null | undefined;
  cc?: Address | Address[] | null | undefined;
  bcc?: Address | Address[] | null | undefined;
  replyTo?: Address | Address[] | null | undefined;
  subject: string;
  /** At least one of `html` and `text`. */
  html?: string | null | undefined;
  text?: string | null | undefined;
  headers?: Record<string, string> | null | undefined;
  attachments?: Attachment[] | null | undefined;
  tags?: string[] | null | undefined;
  /** Your own keys and values. `idempotency_key` de-duplicates for 24 hours. */
  metadata?: Record<string, unknown> | null | undefined;
};

export type EmailRecipient = {
  email: string;
  name: string | null;
  type: 'to' | 'cc' | 'bcc';
  status: EmailStatus;
};

export type Email = {
  id: string;
  fromEmail: string;
  fromName: string | null;
  /** The first recipient. */
  toEmail: string;
  toName: string | null;
  subject: string;
  status: EmailStatus;
  /** Why it waits, or why it failed, in words. */
  statusReason: string | null;
  mode: 'live' | 'test';
  tags: string[];
  metadata: Record<string, unknown>;
  recipients: EmailRecipient[];
  queuedAt: string;
  sentAt: string | null;
  nextAttemptAt: string | null;
  deadlineAt: string;
  createdAt: string;
};

export type EmailEvent = {
  id: string;
  eventType: string;
  occurredAt: string;
  recipient: string | null;
  provider: ProviderName | null;
  providerConnectionId: string | null;
  detail: string | null;
  /** Of a `bounced`: for good, or for now. */
  bounceType: 'hard' | 'soft' | null;
  /** Of a `clicked`: the link. */
  url: string | null;
};

/** One call to one provider. */
export type EmailAttempt = {
  number: number;
  provider: ProviderName;
  providerConnectionId: string;
  providerConnectionName: string;
  /** `unknown`: it may have been sent, and no answer came. Null: under way. */
  outcome: 'accepted' | 'rejected' | 'failed' | 'unknown' | null;
  scope: 'message' | 'recipient' | 'connection' | 'provider' | null;
  reason: string | null;
  /** The provider's own words. */
  detail: string | null;
  statusCode: number | null;
  providerMessageId: string | null;
  latencyMs: number | null;
  /** Why this connection was used and each one before it passed over. */
  trace: string[];
  startedAt: string;
  finishedAt: string | null;
};

export type EmailDetail = Email & {
  replyTo: { email: string; name: string | null }[];
  htmlBody: string | null;
  textBody: string | null;
  headers: Record<string, string>;
  attachments: {
    filename: string;
    contentType: string;
    contentId: string | null;
    /** Bytes. */
    size: number;
  }[];
  messageId: string;
  events: EmailEvent[];
  attempts: EmailAttempt[];
};

export type ListEmailsInput = {
  status?: EmailStatus | undefined;
  /** A part of an address, in any case. */
  recipient?: string | undefined;
  /** Created at or after. */
  from?: string | Date | undefined;
  /** Created before; a bare date includes that whole day. */
  to?: string | Date | undefined;
  tag?: string | undefined;
  /** Those an attempt was made with through this provider. */
  provider?: ProviderName | undefined;
  /** Those an attempt was made with through this connection. */
  providerConnectionId?: string | undefined;
  page?: number | undefined;
  perPage?: number | undefined;
  cursor?: string | undefined;
};

export type SendEmailOptions = CallOptions & {
  /** The same key within 24 hours answers the first email again. One is made where none is given. */
  idempotencyKey?: string | undefined;
};

export class Emails extends Resource {
  /**
   * Sends an email. Resolves once CourierX has it durably. Retried safely: every try carries the
   * same idempotency key, so that no answer lost on the way makes a second email.
   */
  async send(
    input: SendEmailInput,
    options: SendEmailOptions = {},
  ): Promise<{
    email: Email;
    /** The key had been used: this is the email of then. */
    replayed: boolean;
  }> {
    const { idempotencyKey, ...callOptions } = options;
    const isKeyed = typeof input.metadata?.['idempotency_key'] === 'string';
    const key = idempotencyKey ?? (isKeyed ? undefined : (await platformCrypto()).randomUUID());
    const answer = await this.transport.call(
      {
        method: 'POST',
        path: '/emails',
        body: { ...input, attachments: input.attachments?.map(toWireAttachment) },
        ...(key !== undefined && { headers: { 'idempotency-key': key } }),
        isRepeatable: true,
      },
      callOptions,
    );
    return {
      email: answer.body as Email,
      replayed: answer.headers.get('idempotency-replayed') === 'true',
    };
  }

  /** Newest first. */
  list(input: ListEmailsInput = {}, options?: CallOptions): List<Email> {
    return this.pages('/emails', input, options);
  }

  /** One email with its content, events and attempts. */
  get(id: string, options?: CallOptions): Promise<EmailDetail> {
    return this.request({ method: 'GET', path: `/emails/${segment(id)}` }, options);
  }

  /**
   * Decides on an email that is held because it may have been sent: `resend` makes another attempt,
   * which may be a second copy; `give_up` lets it fail.
   */
  release(
    id: string,
    input: { action: 'resend' | 'give_up' },
    options?: CallOptions,
  ): Promise<EmailDetail> {
    const path = `/emails/${segment(id)}/release`;
    return this.request({ method: 'POST', path, body: input }, options);
  }
}

function toWireAttachment({ content, ...rest }: Attachment) {
  if (typeof content === 'string') return { ...rest, content };
  const bytes = content instanceof ArrayBuffer ? new Uint8Array(content) : content;
  return { ...rest, content: toBase64(bytes) };
}
