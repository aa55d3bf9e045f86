import type { Address, Attachment, OutgoingMessage } from '../message.ts';

/** Bytes of all custom args together, by SendGrid's limit, with room for our own. */
const MAX_CUSTOM_ARGS_BYTES = 9_500;
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
  headers?: Record<string, string>;
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
    ...(message.headers.length > 0 && {
      headers: Object.fromEntries(message.headers.map(({ name, value }) => [name, value])),
    }),
    ...(message.tags.length > 0 && { categories: [...new Set(message.tags)] }),
    custom_args: toCustomArgs(message),
  };
}

function toMailbox({ address, name }: Address): Mailbox {
  return name === null ? { email: address } : { email: address, name };
}

function distinct(addresses: readonly Address[]): Address[] {
  const byKey = new Map(addresses.map((address) => [address.address.toLowerCase(), address]));
  return [...byKey.values()];
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
    ...(text !== null ? [{ type: 'text/plain', value: text }] : []),
    ...(html !== null ? [{ type: 'text/html', value: html }] : []),
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

/** Values must be text; a number or boolean gets an opaque 400. */
function toCustomArgs(message: OutgoingMessage): Record<string, string> {
  const args = Object.entries(message.metadata).map(([key, value]): [string, string] => [
    key,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return { ...Object.fromEntries(args), [EMAIL_ID_ARG]: message.emailId };
}

/** Whether the metadata fits SendGrid's limit on custom args. */
export function customArgsFit(message: OutgoingMessage): boolean {
  return Buffer.byteLength(JSON.stringify(toCustomArgs(message))) <= MAX_CUSTOM_ARGS_BYTES;
}
