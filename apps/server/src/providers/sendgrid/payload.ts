import type { Address, Attachment, OutgoingMessage } from '../message.ts';

/** SendGrid's limits; a mail is not lost for a tag or a note past them. */
export const MAX_CATEGORIES = 10;
export const MAX_CUSTOM_ARGS_BYTES = 10_000;
/** Our email id in every event SendGrid reports; custom args stand beside its own fields. */
export const EMAIL_ID_ARG = 'cx_email_id';

type Mailbox = { email: string; name?: string };

/** The body of `POST /v3/mail/send`. */
export type SendGridPayload = {
  personalizations: [{ to: Mailbox[]; cc?: Mailbox[]; bcc?: Mailbox[] }];
  from: Mailbox;
  reply_to_list?: Mailbox[];
  subject: string;
  content: { type: string; value: string }[];
  attachments?: Record<string, string>[];
  headers: Record<string, string>;
  categories?: string[];
  custom_args: Record<string, string>;
};

/** Translates a message; only the recipients of this attempt are in it. */
export function toPayload(message: OutgoingMessage): SendGridPayload {
  return {
    personalizations: [toPersonalization(message)],
    from: toMailbox(message.from),
    ...(message.replyTo.length > 0 && { reply_to_list: distinct(message.replyTo).map(toMailbox) }),
    subject: message.subject,
    content: toContent(message),
    ...(message.attachments.length > 0 && { attachments: message.attachments.map(toAttachment) }),
    headers: toHeaders(message),
    ...(message.tags.length > 0 && {
      categories: [...new Set(message.tags)].slice(0, MAX_CATEGORIES),
    }),
    custom_args: toCustomArgs(message),
  };
}

function toMailbox({ address, name }: Address): Mailbox {
  return name === null ? { email: address } : { email: address, name };
}

function distinct(addresses: readonly Address[]): Address[] {
  const taken = new Set<string>();
  return addresses.filter(({ address }) => {
    const key = address.toLowerCase();
    return !taken.has(key) && taken.add(key);
  });
}

/**
 * SendGrid refuses an address that stands twice and a personalization without `to`: where only
 * copies are left for this attempt, the first of them moves up.
 */
function toPersonalization(message: OutgoingMessage): SendGridPayload['personalizations'][0] {
  const open = new Set(message.recipients.map((recipient) => recipient.toLowerCase()));
  const taken = new Set<string>();
  const [to, cc, bcc] = [message.to, message.cc, message.bcc].map((list) =>
    list.filter(({ address }) => {
      const key = address.toLowerCase();
      return open.has(key) && !taken.has(key) && taken.add(key);
    }),
  ) as [Address[], Address[], Address[]];
  if (to.length === 0) to.push(...(cc.length > 0 ? cc : bcc).splice(0, 1));
  return {
    to: to.map(toMailbox),
    ...(cc.length > 0 && { cc: cc.map(toMailbox) }),
    ...(bcc.length > 0 && { bcc: bcc.map(toMailbox) }),
  };
}

/** Plain text comes first; SendGrid refuses another order, and empty parts. */
function toContent({ text, html }: OutgoingMessage): { type: string; value: string }[] {
  return [
    ...(text ? [{ type: 'text/plain', value: text }] : []),
    ...(html ? [{ type: 'text/html', value: html }] : []),
  ];
}

function toAttachment(file: Attachment): Record<string, string> {
  return {
    content: file.content.toString('base64'),
    filename: file.filename,
    type: file.contentType,
    disposition: file.contentId === null ? 'attachment' : 'inline',
    ...(file.contentId !== null && { content_id: file.contentId }),
  };
}

/**
 * SendGrid keeps a Message-ID of ours (seen on received mail in 2018, django-anymail issue 108; it
 * is not among the headers its description forbids), so receivers can collapse a second copy.
 */
function toHeaders({ headers, messageId }: OutgoingMessage): Record<string, string> {
  const custom = headers.map(({ name, value }) => [name, value] as const);
  return Object.fromEntries([...custom, ['Message-ID', messageId]]);
}

/**
 * Our own id always, then the metadata as far as it fits. Values must be text: a number or boolean
 * gets an opaque 400.
 */
function toCustomArgs(message: OutgoingMessage): Record<string, string> {
  const args: [string, string][] = [[EMAIL_ID_ARG, message.emailId]];
  let bytes = 2 + sizeOf(args[0] ?? []);
  for (const [key, value] of Object.entries(message.metadata)) {
    const text = typeof value === 'string' ? value : (JSON.stringify(value) as string | undefined);
    if (key === EMAIL_ID_ARG || text === undefined) continue;
    const size = sizeOf([key, text]);
    if (bytes + size > MAX_CUSTOM_ARGS_BYTES) continue;
    bytes += size;
    args.push([key, text]);
  }
  return Object.fromEntries(args);
}

/** `"key":"value",` */
function sizeOf(pair: readonly string[]): number {
  return pair.reduce((size, text) => size + Buffer.byteLength(JSON.stringify(text)) + 1, 0);
}
