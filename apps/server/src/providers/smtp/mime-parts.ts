import libmime from 'libmime';

const MAX_DEPTH = 5;
const MAX_PARTS = 100;
const MAX_HEAD_CHARS = 256 * 1024;

/** By lower-case name, each with all its values in order, unfolded. */
export type Headers = Readonly<Record<string, readonly string[] | undefined>>;

/** A part that is no multipart itself; a message inside is one part, left closed. */
export type Part = {
  /** Such as `message/delivery-status`. */
  readonly type: string;
  /** With its transfer encoding undone; lines end in `\n`. */
  readonly text: string;
};

/** The headers of a message and its parts, depth first; whatever it holds, it is never a throw. */
export function readMessage(raw: Buffer): { headers: Headers; parts: readonly Part[] } {
  const text = raw.toString('latin1').replaceAll('\r\n', '\n');
  const parts: Part[] = [];
  collectParts(text, parts, 1);
  return { headers: readHeaders(headOf(text)), parts };
}

/** The fields of a text that is, or begins with, a block of headers. */
export function readHeaders(text: string): Headers {
  // Folded lines are joined and repeated names collected by the library.
  return libmime.decodeHeaders(toUtf8(text.slice(0, MAX_HEAD_CHARS)));
}

/** The text before the first empty line. */
export function headOf(text: string): string {
  const end = text.startsWith('\n') ? 0 : text.indexOf('\n\n');
  return end < 0 ? text : text.slice(0, end);
}

function collectParts(text: string, parts: Part[], depth: number): void {
  const head = headOf(text);
  const headers = readHeaders(head);
  const { value, params } = libmime.parseHeaderValue(headers['content-type']?.[0] ?? '');
  const type = value.trim().toLowerCase();
  const body = text.slice(head.length).replace(/^\n{1,2}/, '');
  if (!type.startsWith('multipart/')) {
    const encoding = headers['content-transfer-encoding']?.[0] ?? '';
    if (parts.length < MAX_PARTS) parts.push({ type, text: decode(body, encoding) });
    return;
  }
  const boundary = params['boundary'] ?? '';
  if (boundary === '' || depth >= MAX_DEPTH) return;
  for (const part of split(body, `--${boundary}`)) collectParts(part, parts, depth + 1);
}

/** What stands between the delimiter's lines; a last one that was cut off counts too. */
function split(body: string, delimiter: string): string[] {
  const parts: string[][] = [];
  for (const line of body.split('\n')) {
    const end = line.startsWith(delimiter) ? line.slice(delimiter.length).trimEnd() : null;
    if (end === '--') break;
    if (end === '' && parts.length < MAX_PARTS) parts.push([]);
    else parts.at(-1)?.push(line);
  }
  return parts.map((lines) => lines.join('\n'));
}

function decode(body: string, encoding: string): string {
  switch (encoding.trim().toLowerCase()) {
    case 'base64':
      return Buffer.from(body, 'base64').toString('latin1').replaceAll('\r\n', '\n');
    case 'quoted-printable':
      return body
        .replace(/=\n/g, '')
        .replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
    default:
      return body;
  }
}

function toUtf8(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8');
}
