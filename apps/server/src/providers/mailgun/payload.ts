import type { OutgoingMessage } from '../message.ts';
import { buildMime } from '../mime.ts';

export const MAX_TAGS = 10;
/**
 * Mailgun takes 16 KB of options, but cuts the variables of an event off past 4 KB, and our own id
 * must come back whole.
 */
export const MAX_VARIABLES_BYTES = 4_000;

/** Our email id and attempt in every event; `v:` keeps them apart from options. */
export const EMAIL_ID_VARIABLE = 'cx_email_id';
export const ATTEMPT_VARIABLE = 'cx_attempt';

/** Headers that would be instructions to Mailgun, had a caller's mail one of them. */
export const RESERVED_HEADERS: readonly string[] = [
  'archive-to',
  'deliver-by',
  'deliver-within',
  'delivery-time-optimize-period',
  'dkim',
  'drop-message',
  'incoming',
  'recipient-variables',
  'require-tls',
  'secondary-dkim',
  'secondary-dkim-public',
  'sending-ip',
  'sending-ip-pool',
  'sid',
  'skip-verification',
  'suppress-headers',
  'tag',
  'template-name',
  'template-variables',
  'template-version',
  'time-zone-localize',
  'track',
  'track-clicks',
  'track-opens',
  'track-pixel-location-top',
  'variables',
].map((name) => `x-mailgun-${name}`);

/** The name of a header of the mail that Mailgun would obey instead of carry; null: none. */
export function findInstruction({ headers }: OutgoingMessage): string | null {
  return headers.find(({ name }) => /^x-mailgun-/i.test(name))?.name ?? null;
}

/**
 * The form of `POST /v3/<domain>/messages.mime`. The ready-made MIME is preferred to Mailgun's own
 * fields: names of every script, files, their types and content ids arrive as they are (in fields,
 * the name of an inline file has to be its content id), headers are not counted as options, and `to`
 * is only who gets this copy, while To and Cc stay complete.
 */
export function toForm(message: OutgoingMessage): FormData {
  const form = new FormData();
  for (const recipient of distinct(message.recipients, Infinity)) form.append('to', recipient);
  const mime = new Blob([new Uint8Array(buildMime(message))], { type: 'message/rfc822' });
  // A file without a name is left out in silence.
  form.append('message', mime, 'message.mime');
  for (const tag of distinct(message.tags.filter(isTag), MAX_TAGS)) form.append('o:tag', tag);
  for (const [name, value] of toVariables(message)) form.append(`v:${name}`, value);
  // They are for our events; otherwise every recipient could read them.
  form.append('o:suppress-headers', 'X-Mailgun-Variables,X-Mailgun-Tag');
  return form;
}

/** Printable ASCII; others stay with CourierX. */
function isTag(tag: string): boolean {
  return /^[ -~]{1,128}$/.test(tag);
}

/** Mailgun takes no account of case, in addresses nor in tags. */
function distinct(values: readonly string[], most: number): string[] {
  const byKey = new Map<string, string>();
  for (const value of values) {
    const key = value.toLowerCase();
    if (!byKey.has(key)) byKey.set(key, value);
  }
  return [...byKey.values()].slice(0, most);
}

/** Our own first, then the metadata as far as it fits. */
function toVariables(message: OutgoingMessage): [string, string][] {
  const variables: [string, string][] = [
    [EMAIL_ID_VARIABLE, message.emailId],
    [ATTEMPT_VARIABLE, String(message.attemptNumber)],
  ];
  let bytes = 2 + variables.reduce((sum, pair) => sum + sizeOf(pair), 0);
  for (const [key, value] of Object.entries(message.metadata)) {
    const text = typeof value === 'string' ? value : (JSON.stringify(value) as string | undefined);
    const isOurs = key === EMAIL_ID_VARIABLE || key === ATTEMPT_VARIABLE;
    if (key === '' || isOurs || text === undefined) continue;
    const size = sizeOf([key, text]);
    if (bytes + size > MAX_VARIABLES_BYTES) continue;
    bytes += size;
    variables.push([key, text]);
  }
  return variables;
}

/** `"key":"value",` */
function sizeOf(pair: readonly string[]): number {
  return pair.reduce((size, text) => size + Buffer.byteLength(JSON.stringify(text)) + 1, 0);
}
