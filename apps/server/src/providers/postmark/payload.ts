import type { Address, Attachment, OutgoingMessage } from '../message.ts';

/** Postmark's limits; a mail is not lost for a tag or a note past them. */
export const MAX_TAGS = 1;
const MAX_METADATA = { fields: 10, key: 20, value: 80 };
/** Our own two are among the ten. */
export const MAX_METADATA_BYTES =
  (MAX_METADATA.fields - 2) * (MAX_METADATA.key + MAX_METADATA.value);
export const MAX_BODY_BYTES = 5_000_000;

/** Our email id in every event. */
export const EMAIL_ID_KEY = 'cx_email_id';
/** One value for each attempt, which is what mail is searched by. */
export const ATTEMPT_KEY = 'cx_attempt';

export function attemptKeyOf({ emailId, attemptNumber }: OutgoingMessage): string {
  return `${emailId}-${attemptNumber}`;
}

/** Headers that Postmark writes itself, or obeys. */
export const RESERVED_HEADERS: readonly string[] = [
  'to',
  'from',
  'subject',
  'reply-to',
  'cc',
  'bcc',
  'message-id',
  'date',
  'received',
  'dkim-signature',
  'content-type',
  'content-transfer-encoding',
  'x-pm-bounce-type',
  'x-pm-keepid',
  'x-pm-message-id',
  'x-pm-message-stream',
  'x-pm-tag',
  'x-pm-track-links',
  'x-pm-track-opens',
];

/** The name of a header of the mail that Postmark would obey instead of carry; null: none. */
export function findInstruction({ headers }: OutgoingMessage): string | null {
  return headers.find(({ name }) => /^x-pm-/i.test(name))?.name ?? null;
}

/** Whether a body is larger than Postmark takes, whatever the mail's size. */
export function hasLargeBody({ text, html }: OutgoingMessage): boolean {
  return [text, html].some((body) => Buffer.byteLength(body ?? '') > MAX_BODY_BYTES);
}

type Header = { readonly Name: string; readonly Value: string };

/** The body of `POST /email`. */
export type PostmarkPayload = {
  From: string;
  To: string;
  Cc?: string;
  Bcc?: string;
  ReplyTo?: string;
  Subject: string;
  TextBody?: string;
  HtmlBody?: string;
  MessageStream: string;
  Tag?: string;
  Metadata: Record<string, string>;
  Headers: Header[];
  Attachments?: Record<string, string>[];
};

/** Translates a message; only the recipients of this attempt are in it. */
export function toPayload(message: OutgoingMessage, stream: string): PostmarkPayload {
  const { text, html, replyTo, attachments } = message;
  const [tag] = message.tags;
  return {
    From: toMailbox(message.from),
    ...toRecipients(message),
    ...(replyTo.length > 0 && { ReplyTo: toList(replyTo) }),
    Subject: message.subject,
    ...(text && { TextBody: text }),
    ...(html && { HtmlBody: html }),
    MessageStream: stream,
    ...(tag !== undefined && { Tag: tag }),
    Metadata: toMetadata(message),
    Headers: toHeaders(message),
    ...(attachments.length > 0 && { Attachments: attachments.map(toAttachment) }),
  };
}

/** `"Lovelace, Ada" <ada@example.com>`: always quoted, so that no name can end its mailbox. */
function toMailbox({ address, name }: Address): string {
  return name === null ? address : `"${name.replace(/[\\"]/g, '\\$&')}" <${address}>`;
}

function toList(addresses: readonly Address[]): string {
  return addresses.map(toMailbox).join(', ');
}

/** `To` must be there: where only copies are left for this attempt, the first of them moves up. */
function toRecipients(message: OutgoingMessage): Pick<PostmarkPayload, 'To' | 'Cc' | 'Bcc'> {
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
    To: toList(to),
    ...(cc.length > 0 && { Cc: toList(cc) }),
    ...(bcc.length > 0 && { Bcc: toList(bcc) }),
  };
}

/** Our Message-ID is kept where X-PM-KeepID asks for it, as Postmark's own libraries do. */
function toHeaders({ headers, messageId }: OutgoingMessage): Header[] {
  return [
    ...headers.map(({ name, value }) => ({ Name: name, Value: value })),
    { Name: 'Message-ID', Value: messageId },
    { Name: 'X-PM-KeepID', Value: 'true' },
  ];
}

/** Our own first, then what fits; keys that differ in case only are one to Postmark. */
function toMetadata(message: OutgoingMessage): Record<string, string> {
  const fields = new Map<string, [string, string]>([
    [EMAIL_ID_KEY, [EMAIL_ID_KEY, message.emailId]],
    [ATTEMPT_KEY, [ATTEMPT_KEY, attemptKeyOf(message)]],
  ]);
  for (const [key, value] of Object.entries(message.metadata)) {
    const text = typeof value === 'string' ? value : (JSON.stringify(value) as string | undefined);
    if (fields.size === MAX_METADATA.fields) break;
    if (text === undefined || text.length > MAX_METADATA.value) continue;
    if (key === '' || key.length > MAX_METADATA.key || fields.has(key.toLowerCase())) continue;
    fields.set(key.toLowerCase(), [key, text]);
  }
  return Object.fromEntries(fields.values());
}

function toAttachment(file: Attachment): Record<string, string> {
  return {
    Name: file.filename,
    Content: file.content.toString('base64'),
    ContentType: file.contentType,
    ...(file.contentId !== null && { ContentID: `cid:${file.contentId}` }),
  };
}
