import { domainToASCII } from 'node:url';

/** A parsed mailbox, the domain in ASCII and lower case. */
export type ParsedAddress = { readonly address: string; readonly name: string | null };

const ATEXT = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]";
const LOCAL_PART = new RegExp(`^${ATEXT}+(\\.${ATEXT}+)*$`);
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
/** What `domainToASCII` leaves as it is, unless it is Punycode: that may be wrong. */
const PLAIN = /^[a-z0-9.-]+\.[a-z][a-z0-9-]*$/;
/** C0, DEL, C1 and the Unicode line separators: never in an address, a name or a header value. */
// eslint-disable-next-line no-control-regex -- control characters are what it is for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
const QUOTED = /^"((?:[^"\\]|\\.)*)"$/;

export function hasControlCharacter(text: string): boolean {
  return CONTROL.test(text);
}

/**
 * A bare addr-spec (RFC 5321 dot-string): no quoted local parts, no address literals, no comments,
 * none of which every provider carries. Returns null for anything else.
 */
export function parseAddress(text: string): string | null {
  const at = text.lastIndexOf('@');
  const local = text.slice(0, at);
  if (at < 1 || local.length > 64 || !LOCAL_PART.test(local)) return null;
  const domain = parseDomain(text.slice(at + 1));
  if (domain === null || local.length + 1 + domain.length > 254) return null;
  return `${local}@${domain}`;
}

/** A host name of at least two labels, in ASCII and lower case, or null. */
export function parseDomain(text: string): string | null {
  if (text.length === 0 || text.length > 253 || /[\s/\\:?#[\]@%]/.test(text)) return null;
  const domain = PLAIN.test(text) && !text.includes('xn--') ? text : domainToASCII(text);
  const labels = domain.split('.');
  if (domain.length > 253 || labels.length < 2 || !labels.every((label) => LABEL.test(label))) {
    return null;
  }
  return /^\d+$/.test(labels.at(-1) ?? '') ? null : domain;
}

/** `ada@example.com`, `Ada <ada@example.com>` or `"Lovelace, Ada" <ada@example.com>`. */
export function parseMailbox(text: string): ParsedAddress | null {
  if (hasControlCharacter(text) || text.length > 1000) return null;
  const trimmed = text.trim();
  if (!trimmed.endsWith('>')) return withName(parseAddress(trimmed), '');
  const start = trimmed.lastIndexOf('<');
  const name = parseName(trimmed.slice(0, Math.max(start, 0)).trim());
  if (start < 0 || name === null) return null;
  return withName(parseAddress(trimmed.slice(start + 1, -1).trim()), name);
}

function withName(address: string | null, name: string): ParsedAddress | null {
  return address === null ? null : { address, name: name === '' ? null : name };
}

/** Plain words, or a quoted text without its quotes; null where the two are mixed up. */
function parseName(text: string): string | null {
  const quoted = QUOTED.exec(text)?.[1];
  if (quoted !== undefined) return quoted.replace(/\\(.)/g, '$1').trim();
  return /[<>"]/.test(text) ? null : text;
}

/** The domain of a bare address. */
export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}

/** An address, or `*@domain` for every address at that domain; null for anything else. */
export function parseSuppressible(text: string): string | null {
  if (!text.startsWith('*@')) return parseAddress(text);
  const domain = parseDomain(text.slice(2));
  return domain === null ? null : `*@${domain}`;
}

/** The form suppressions are kept and looked up in: providers treat case as meaningless. */
export function suppressionKey(address: string): string {
  return address.toLowerCase();
}
