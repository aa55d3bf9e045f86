import type { ErrorObject } from 'ajv';

/** What the formatter reads of Ajv's errors. */
export type SchemaError = Pick<
  ErrorObject,
  'instancePath' | 'keyword' | 'params' | 'parentSchema' | 'data'
>;

/** Past these nobody reads on, and a long list of one fault must not make a long answer. */
const MAX_FAULTS = 100;

/** Every fault once, in words that name the field as the caller wrote it. */
export function describeSchemaErrors(errors: readonly SchemaError[]): string[] {
  const unions = new Set(
    errors.filter((error) => messageOf(error) !== null).map((error) => error.instancePath),
  );
  const faults = new Set(errors.filter((error) => !isCovered(error, unions)).flatMap(describe));
  if (faults.size === 0) return ['The request is not valid'];
  if (faults.size <= MAX_FAULTS) return [...faults];
  return [...faults].slice(0, MAX_FAULTS).concat(`and ${faults.size - MAX_FAULTS} more faults`);
}

/** Whether a union at this place or above it already says what is wrong. */
function isCovered(error: SchemaError, unions: ReadonlySet<string>): boolean {
  const own = messageOf(error) !== null;
  if (!own && unions.has(error.instancePath)) return true;
  for (let end = error.instancePath.lastIndexOf('/'); end >= 0;) {
    const above = error.instancePath.slice(0, end);
    if (unions.has(above)) return true;
    end = above.lastIndexOf('/');
  }
  return false;
}

/** A union's branches say more than a person wants to know: the schema holds one sentence. */
function messageOf(error: SchemaError): string | null {
  if (error.keyword !== 'anyOf') return null;
  const message: unknown = error.parentSchema?.['errorMessage'];
  return typeof message === 'string' ? message : null;
}

function describe(error: SchemaError): string[] {
  const { keyword, params, instancePath } = error;
  const field = fieldOf(instancePath);
  const p = params as Record<string, unknown>;
  switch (keyword) {
    case 'anyOf': {
      const message = messageOf(error);
      return message === null ? [] : [`${label(field)} ${message}`];
    }
    case 'required':
      return [`${label(join(field, String(p['missingProperty'])))} is required`];
    case 'additionalProperties':
      return [unknownField(error, field, String(p['additionalProperty']))];
    case 'type':
      return p['type'] === 'null' ? [] : [`${label(field)} must be ${nounOf(String(p['type']))}`];
    case 'enum':
      return [`${label(field)} must be one of: ${(p['allowedValues'] as unknown[]).join(', ')}`];
    case 'minLength':
      return p['limit'] === 1 || error.data === ''
        ? [`${label(field)} is required`]
        : [`${label(field)} is too short (minimum ${String(p['limit'])} characters)`];
    case 'maxLength':
      return [`${label(field)} is too long (maximum ${String(p['limit'])} characters)`];
    case 'maxItems':
      return [`${label(field)} has too many entries (maximum ${String(p['limit'])})`];
    case 'minimum':
    case 'maximum': {
      const bound = keyword === 'minimum' ? 'at least' : 'at most';
      return [`${label(field)} must be ${bound} ${String(p['limit'])}`];
    }
    case 'format':
      return [`${label(field)} must be ${FORMATS[String(p['format'])] ?? 'in the right form'}`];
    case 'minProperties':
      return ['Give at least one field to change'];
    default:
      return [`${label(field)} is not valid`];
  }
}

const FORMATS: Readonly<Record<string, string>> = {
  'date-time': 'a time such as 2026-03-22T10:30:00Z',
  uuid: 'an id',
};

const NOUNS: Readonly<Record<string, string>> = {
  string: 'a string',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
};

function nounOf(type: string): string {
  return NOUNS[type] ?? type;
}

/** `/attachments/0/content` → `attachments[0].content` */
function fieldOf(instancePath: string): string {
  return instancePath
    .slice(0, 200)
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : join(path, part)), '');
}

function join(path: string, part: string): string {
  return path === '' ? part : `${path}.${part}`;
}

/** A field that is a plain word begins its sentence; other names are shown as they are written. */
function label(field: string): string {
  if (field === '') return 'The body';
  return /^[a-z]+$/.test(field) ? field.charAt(0).toUpperCase() + field.slice(1) : field;
}

function unknownField(error: SchemaError, parent: string, name: string): string {
  const known = Object.keys((error.parentSchema?.['properties'] ?? {}) as object);
  const plain = plainOf(name);
  const near =
    known.find((candidate) => plainOf(candidate) === plain) ??
    known.find((candidate) => isNear(candidate, name));
  const hint = near === undefined ? '' : `; did you mean ${near}?`;
  return `Unknown field: ${join(parent, name.slice(0, 80))}${hint}`;
}

/** `replyTo`, `reply-to` and `Reply_To` all mean `reply_to`. */
function plainOf(name: string): string {
  return name.slice(0, 80).replace(/[_-]/g, '').toLowerCase();
}

/** One letter more, less, other, or two swapped. */
function isNear(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1 || a === b) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  let end = 0;
  const most = Math.min(a.length, b.length) - start;
  while (end < most && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const left = a.slice(start, a.length - end);
  const right = b.slice(start, b.length - end);
  const isSwap =
    left.length === 2 && right.length === 2 && left[0] === right[1] && left[1] === right[0];
  return (left.length <= 1 && right.length <= 1) || isSwap;
}
