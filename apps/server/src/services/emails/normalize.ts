import {
  EMAIL_ALIASES,
  EMAIL_LIMITS,
  type AddressesInput,
  type AddressInput,
  type AttachmentInput,
  type SendEmailRequest,
} from '@courierx/contract';
import mime from 'mime';
import type { StoredAddress, StoredHeader, StoredRecipient } from '../../db/types.ts';
import { hasControlCharacter, parseMailbox } from '../../lib/address.ts';
import { encodedBytes } from '../../providers/carries.ts';

/** A file of an email, decoded. */
export type NormalAttachment = {
  readonly filename: string;
  readonly contentType: string;
  readonly contentId: string | null;
  readonly content: Buffer;
};

/** What a caller asked to send, checked and in one form. */
export type NormalEmail = {
  readonly from: StoredAddress;
  readonly replyTo: readonly StoredAddress[];
  readonly recipients: readonly StoredRecipient[];
  readonly subject: string;
  readonly html: string | null;
  readonly text: string | null;
  readonly headers: readonly StoredHeader[];
  readonly attachments: readonly NormalAttachment[];
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly idempotencyKey: string | null;
  /** Bytes of the bodies and the encoded attachments. */
  readonly encodedBytes: number;
};

/** Every fault at once, or the email. */
export type Normalized = { readonly faults: readonly string[]; readonly email: NormalEmail | null };

/**
 * Headers that CourierX or a provider writes itself; a custom one would be doubled, dropped or
 * steer the provider.
 */
const RESERVED_HEADER =
  /^(from|sender|to|cc|bcc|subject|date|message-id|reply-to|return-path|mime-version|content-.*|received|dkim-signature|arc-.*|authentication-results|resent-.*|x-ses-.*|x-smtpapi|x-sg-.*|x-mailgun-.*|x-pm-.*|x-mc-.*|x-courierx-.*)$/i;
const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
/** Of printable ASCII alone: it becomes a header as it is. */
const CONTENT_TYPE = /^[\w.+-]+\/[\w.+-]+( *; *[\w.+-]+=("[ !#-[\]-~]*"|[\w.+-]+))*$/;

/**
 * Checks what a schema can't say. `body` may have schema faults: fields of a wrong type are left
 * out here, so each fault is named once.
 */
export function normalizeEmail(body: unknown, idempotencyHeader: string | null): Normalized {
  const faults: string[] = [];
  const request = mergeAliases(isRecord(body) ? body : {}, faults);
  const from = readFrom(request, faults);
  const recipients = readRecipients(request, faults);
  const subject = readSubject(request.subject, faults);
  const html = readBody(request.html_body);
  const text = readBody(request.text_body);
  if (html === null && text === null) faults.push('html_body or text_body is required');
  const email = {
    recipients,
    subject,
    html,
    text,
    replyTo: readReplyTo(request, faults),
    headers: readHeaders(request.headers, faults),
    attachments: readAttachments(request.attachments, faults),
    tags: readTags(request.tags, faults),
    metadata: readMetadata(request.metadata, faults),
    idempotencyKey: readIdempotencyKey(request.metadata, idempotencyHeader, faults),
  };
  const size = encodedBytes(
    email,
    email.attachments.map(({ content }) => content.length),
  );
  if (size > EMAIL_LIMITS.encodedBytes) {
    const shown = Math.ceil(size / 1024 / 1024);
    faults.push(`attachments make the email ${shown} MB encoded; at most 40 MB can be sent`);
  }
  const complete = faults.length === 0 && from !== null;
  return { faults, email: complete ? { ...email, from, encodedBytes: size } : null };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function mergeAliases(body: Record<string, unknown>, faults: string[]): SendEmailRequest {
  const request = { ...body };
  for (const [alias, name] of Object.entries(EMAIL_ALIASES)) {
    if (request[alias] === undefined) continue;
    if (request[name] !== undefined) faults.push(`Give either ${alias} or ${name}, not both`);
    else request[name] = request[alias];
  }
  return request;
}

/** One mailbox from a text or an object; null with a fault, or undefined where the type is wrong. */
function readAddress(
  value: unknown,
  field: string,
  faults: string[],
): StoredAddress | null | undefined {
  const text = isRecord(value) ? value['email'] : value;
  if (typeof text !== 'string') return undefined;
  const parsed = parseMailbox(text);
  if (!parsed) {
    const shown = JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
    faults.push(
      text.trim() === ''
        ? `${field} is required`
        : `${field} is not a valid email address: ${shown}`,
    );
    return null;
  }
  const name = isRecord(value) ? value['name'] : null;
  if (typeof name !== 'string') return parsed;
  return withName(parsed, name, { field: `${field}.name`, faults });
}

function withName(
  address: StoredAddress,
  name: string,
  { field, faults }: { field: string; faults: string[] },
): StoredAddress {
  if (hasControlCharacter(name) || !name.isWellFormed()) {
    faults.push(`${field} must not contain control characters or line breaks`);
  } else if (name.length > 255) faults.push(`${field} is too long (maximum 255 characters)`);
  return { address: address.address, name: name.trim() === '' ? null : name.trim() };
}

function readFrom(request: SendEmailRequest, faults: string[]): StoredAddress | null {
  const value: unknown = request.from_email;
  if (value === undefined || value === null) {
    faults.push('from_email is required');
    return null;
  }
  const from = readAddress(value, 'from_email', faults);
  if (!from) return null;
  const name: unknown = request.from_name;
  if (typeof name !== 'string') return from;
  return withName(from, name, { field: 'from_name', faults });
}

function toList(value: AddressesInput | null | undefined): readonly AddressInput[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

function readRecipients(request: SendEmailRequest, faults: string[]): StoredRecipient[] {
  const to = toList(request.to_email);
  if (to.length === 0) faults.push('to_email is required');
  const lists = { to, cc: toList(request.cc), bcc: toList(request.bcc) };
  const total = to.length + lists.cc.length + lists.bcc.length;
  if (total > EMAIL_LIMITS.recipients) {
    faults.push(`Too many recipients: ${total} in to, cc and bcc together (maximum 50)`);
    return [];
  }
  const seen = new Set<string>();
  const recipients: StoredRecipient[] = [];
  for (const type of ['to', 'cc', 'bcc'] as const) {
    const list = lists[type];
    list.forEach((value, index) => {
      const field = type === 'to' ? 'to_email' : type;
      const parsed = readAddress(value, list.length > 1 ? `${field}[${index}]` : field, faults);
      // A provider refuses, or sends twice, where an address stands in two lists.
      if (!parsed || seen.has(parsed.address.toLowerCase())) return;
      seen.add(parsed.address.toLowerCase());
      recipients.push({ type, ...parsed });
    });
  }
  return nameFirst(recipients, request.to_name, faults);
}

function nameFirst(
  recipients: StoredRecipient[],
  name: unknown,
  faults: string[],
): StoredRecipient[] {
  const [first, ...rest] = recipients;
  if (typeof name !== 'string' || name === '' || !first) return recipients;
  if (rest.some((recipient) => recipient.type === 'to')) {
    faults.push('to_name goes with a single recipient; name each one of a list instead');
    return recipients;
  }
  return [{ ...first, ...withName(first, name, { field: 'to_name', faults }) }, ...rest];
}

function readReplyTo(request: SendEmailRequest, faults: string[]): StoredAddress[] {
  const list = toList(request.reply_to);
  if (list.length > EMAIL_LIMITS.replyTo) {
    faults.push(`reply_to has too many addresses (maximum ${EMAIL_LIMITS.replyTo})`);
    return [];
  }
  return list.flatMap((value, index) => {
    const field = list.length > 1 ? `reply_to[${index}]` : 'reply_to';
    return readAddress(value, field, faults) ?? [];
  });
}

function readSubject(subject: unknown, faults: string[]): string {
  if (subject === undefined || (typeof subject === 'string' && subject.trim() === '')) {
    faults.push('Subject is required');
  }
  if (typeof subject !== 'string') return '';
  if (hasControlCharacter(subject) || !subject.isWellFormed()) {
    faults.push('Subject must not contain control characters or line breaks');
  }
  if (subject.length > EMAIL_LIMITS.subjectLength) {
    faults.push(`Subject is too long (maximum ${EMAIL_LIMITS.subjectLength} characters)`);
  }
  return subject;
}

function readBody(body: unknown): string | null {
  return typeof body === 'string' && body !== '' ? body : null;
}

function readHeaders(headers: unknown, faults: string[]): StoredHeader[] {
  if (!isRecord(headers)) return [];
  const entries = Object.entries(headers);
  if (entries.length > EMAIL_LIMITS.headers) {
    faults.push(`headers has too many entries (maximum ${EMAIL_LIMITS.headers})`);
  }
  const seen = new Set<string>();
  return entries.flatMap(([name, value]) => {
    const field = `headers[${JSON.stringify(name.slice(0, 80))}]`;
    if (name.length > EMAIL_LIMITS.headerNameLength) {
      faults.push(
        `${field} name is too long (maximum ${EMAIL_LIMITS.headerNameLength} characters)`,
      );
    } else if (!HEADER_NAME.test(name)) {
      faults.push(`${field} is not a valid header name`);
    } else if (RESERVED_HEADER.test(name)) {
      faults.push(`${field} is reserved; use the field made for it, or another name`);
    } else if (seen.has(name.toLowerCase())) {
      faults.push(`${field} is given twice`);
    }
    seen.add(name.toLowerCase());
    if (typeof value !== 'string') return [];
    if (hasControlCharacter(value) || !value.isWellFormed()) {
      faults.push(`${field} must not contain control characters or line breaks`);
    } else if (value.length > EMAIL_LIMITS.headerValueLength) {
      faults.push(`${field} is too long (maximum ${EMAIL_LIMITS.headerValueLength} characters)`);
    }
    return [{ name, value }];
  });
}

function readAttachments(attachments: unknown, faults: string[]): NormalAttachment[] {
  if (!Array.isArray(attachments)) return [];
  if (attachments.length > EMAIL_LIMITS.attachments) {
    faults.push(`attachments has too many entries (maximum ${EMAIL_LIMITS.attachments})`);
    return [];
  }
  return attachments.flatMap((value: unknown, index) => {
    if (!isRecord(value)) return [];
    return readAttachment(value, `attachments[${index}]`, faults) ?? [];
  });
}

function readAttachment(
  value: Partial<Record<keyof AttachmentInput, unknown>>,
  field: string,
  faults: string[],
): NormalAttachment | null {
  const { filename, content, content_type: contentType, content_id: contentId } = value;
  if (typeof filename !== 'string' || typeof content !== 'string') return null;
  if (hasControlCharacter(filename) || !filename.isWellFormed()) {
    faults.push(`${field}.filename must not contain control characters`);
  }
  if (typeof contentType === 'string' && !CONTENT_TYPE.test(contentType)) {
    faults.push(`${field}.content_type must look like "image/png"`);
  }
  if (typeof contentId === 'string' && !/^[\x21-\x3b\x3d\x3f-\x7e]+$/.test(contentId)) {
    faults.push(`${field}.content_id must be printable ASCII without spaces or angle brackets`);
  }
  return {
    filename,
    contentType: typeof contentType === 'string' ? contentType : typeOfFile(filename),
    contentId: typeof contentId === 'string' ? contentId : null,
    content: decodeBase64(content, `${field}.content`, faults),
  };
}

function typeOfFile(filename: string): string {
  return mime.getType(filename) ?? 'application/octet-stream';
}

function decodeBase64(content: string, field: string, faults: string[]): Buffer {
  const compact = /\s/.test(content) ? content.replace(/\s+/g, '') : content;
  if (compact === '') faults.push(`${field} is empty`);
  else if (compact.startsWith('data:')) {
    faults.push(`${field} must be plain base64, without "data:…,"`);
  } else if (compact.length % 4 !== 0 || !BASE64.test(compact)) {
    faults.push(`${field} is not valid base64`);
  } else return Buffer.from(compact, 'base64');
  return Buffer.alloc(0);
}

function readTags(tags: unknown, faults: string[]): string[] {
  if (!Array.isArray(tags)) return [];
  if (tags.length > EMAIL_LIMITS.tags) {
    faults.push(`tags has too many entries (maximum ${EMAIL_LIMITS.tags})`);
  }
  const texts = tags.filter((tag: unknown): tag is string => typeof tag === 'string');
  texts.forEach((tag, index) => {
    if (tag.trim() === '') faults.push(`tags[${index}] is empty`);
    else if (tag.length > EMAIL_LIMITS.tagLength) {
      faults.push(`tags[${index}] is too long (maximum ${EMAIL_LIMITS.tagLength} characters)`);
    } else if (hasControlCharacter(tag) || !tag.isWellFormed()) {
      faults.push(`tags[${index}] must not contain control characters`);
    }
  });
  return [...new Set(texts)];
}

function readMetadata(metadata: unknown, faults: string[]): Record<string, unknown> {
  if (!isRecord(metadata)) return {};
  if (Buffer.byteLength(JSON.stringify(metadata)) > EMAIL_LIMITS.metadataBytes) {
    faults.push(`metadata is too large (maximum ${EMAIL_LIMITS.metadataBytes} bytes as JSON)`);
  }
  return metadata;
}

function readIdempotencyKey(
  metadata: unknown,
  header: string | null,
  faults: string[],
): string | null {
  const inMetadata = isRecord(metadata) ? metadata['idempotency_key'] : undefined;
  if (inMetadata !== undefined && typeof inMetadata !== 'string') {
    faults.push('metadata.idempotency_key must be a string');
    return null;
  }
  if (header !== null && inMetadata !== undefined && header !== inMetadata) {
    faults.push('Idempotency-Key and metadata.idempotency_key differ; give one of them');
  }
  const key = header ?? inMetadata ?? null;
  if (key === null) return null;
  if (key.trim() === '') faults.push('idempotency_key is empty');
  else if (key.length > EMAIL_LIMITS.idempotencyKeyLength) {
    faults.push(
      `idempotency_key is too long (maximum ${EMAIL_LIMITS.idempotencyKeyLength} characters)`,
    );
  } else if (hasControlCharacter(key)) {
    faults.push('idempotency_key must not contain control characters');
  }
  return key;
}
