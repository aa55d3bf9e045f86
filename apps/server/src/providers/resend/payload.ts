import mime from 'mime';
import type { Address, Attachment, OutgoingMessage } from '../message.ts';
import { toNameValueTags, type NameValueTag } from '../name-value-tags.ts';

/** Resend takes up to 75 tags a mail. */
export const MAX_TAGS = 75;

type ResendAttachment = {
  content: string;
  filename: string;
  content_type?: string;
  content_id?: string;
};

/** The body of `POST /emails`. */
export type ResendPayload = {
  from: string;
  to: string[];
  cc?: string[];
  bcc?: string[];
  reply_to?: string[];
  subject: string;
  html?: string;
  text?: string;
  headers?: Record<string, string>;
  attachments?: ResendAttachment[];
  tags: NameValueTag[];
};

/**
 * Translates a message; only the recipients of this attempt are in it. The same message always
 * makes the same bytes: Resend refuses an idempotency key that comes with another body.
 */
export function toPayload(message: OutgoingMessage): ResendPayload {
  const { html, text, headers, attachments, replyTo } = message;
  return {
    from: toSender(message.from),
    ...toRecipientLists(message),
    ...(replyTo.length > 0 && { reply_to: replyTo.map(toMailbox) }),
    subject: message.subject,
    ...(html && { html }),
    // Without a text Resend makes one from the HTML.
    ...((text || !html) && { text: text ?? '' }),
    ...(headers.length > 0 && {
      headers: Object.fromEntries(headers.map(({ name, value }) => [name, value])),
    }),
    ...(attachments.length > 0 && { attachments: attachments.map(toAttachment) }),
    tags: toNameValueTags(message, MAX_TAGS),
  };
}

/** The same for each repeat of an attempt, and another for each attempt. */
export function toIdempotencyKey({ emailId, attemptNumber }: OutgoingMessage): string {
  return `cx/${emailId}/${attemptNumber}`;
}

/** Resend needs a `to`: where only copies are left for this attempt, the first of them moves up. */
function toRecipientLists(message: OutgoingMessage): Pick<ResendPayload, 'to' | 'cc' | 'bcc'> {
  const open = new Set(message.recipients.map((recipient) => recipient.toLowerCase()));
  const taken = new Set<string>();
  const pick = (list: readonly Address[]) =>
    list.filter(({ address }) => {
      const key = address.toLowerCase();
      return open.has(key) && !taken.has(key) && taken.add(key);
    });
  const [to, cc, bcc] = [pick(message.to), pick(message.cc), pick(message.bcc)];
  if (to.length === 0) to.push(...(cc.length > 0 ? cc : bcc).splice(0, 1));
  return {
    to: to.map(toMailbox),
    ...(cc.length > 0 && { cc: cc.map(toMailbox) }),
    ...(bcc.length > 0 && { bcc: bcc.map(toMailbox) }),
  };
}

/** What may stand in a display name without quotes. */
const PLAIN_NAME = /^[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~. ]+$/;

/**
 * Resend refuses a display name in quotes and takes an encoded word (RFC 2047) instead (seen by
 * django-anymail, 2023 to 2026).
 */
function toMailbox({ address, name }: Address): string {
  if (name === null || name === '') return address;
  return `${PLAIN_NAME.test(name) ? name : encodeWords(name)} <${address}>`;
}

/** Encoded words of whole characters, at most 75 letters each. */
function encodeWords(text: string): string {
  const words: string[] = [];
  let part = '';
  for (const character of text) {
    if (Buffer.byteLength(part + character) > 45) {
      words.push(part);
      part = '';
    }
    part += character;
  }
  return [...words, part]
    .map((word) => `=?UTF-8?B?${Buffer.from(word).toString('base64')}?=`)
    .join(' ');
}

/**
 * In `from` Resend takes neither quotes (422) nor encoded words (451 `security_error`), only plain
 * letters of any script, and it refuses the characters that would need quotes. Those go as their
 * full-width forms, which read the same: a mail is not lost for the comma of "Acme, Inc.".
 */
function toSender({ address, name }: Address): string {
  return name === null || name === ''
    ? address
    : `${name.replace(NEEDS_QUOTES, widen)} <${address}>`;
}

const NEEDS_QUOTES = /[()<>[\]:;@\\,"]/g;
/** From an ASCII character to its full-width form. */
const FULL_WIDTH = 0xfee0;

function widen(character: string): string {
  return String.fromCharCode(character.charCodeAt(0) + FULL_WIDTH);
}

/**
 * A file whose extension does not fit its type is taken with 200, and the mail then never arrives
 * (django-anymail). So a type goes along only where it fits; Resend tells it by the extension
 * else. A name without extension gets the one of its type.
 */
function toAttachment(file: Attachment): ResendAttachment {
  const filename = withExtension(file);
  const [type = ''] = file.contentType.split(';');
  const extension = filename.slice(filename.lastIndexOf('.') + 1).toLowerCase();
  const fits = mime.getAllExtensions(type.trim().toLowerCase())?.has(extension) ?? false;
  return {
    content: file.content.toString('base64'),
    filename,
    ...(fits && { content_type: file.contentType }),
    ...(file.contentId !== null && { content_id: file.contentId }),
  };
}

function withExtension({ filename, contentType }: Attachment): string {
  if (/[^.]\.[^.]+$/.test(filename)) return filename;
  return `${filename || 'attachment'}.${mime.getExtension(contentType) ?? 'bin'}`;
}
