import { SUPPRESSION_REASONS, type SuppressionReason } from '@courierx/contract';
import { parseSuppressible, suppressionKey } from '../../lib/address.ts';
import { isDayOfCalendar } from '../read-time.ts';
import type { NewSuppression } from './upsert-batch.ts';

/** One line as it was read, before it is understood. */
export type ImportLine =
  | { readonly line: number; readonly fields: Readonly<Record<string, unknown>> }
  /** It could not even be read. */
  | { readonly line: number; readonly fault: string };

/** What a line may say; an export's `id` is passed over. */
export const IMPORT_FIELDS = [
  'email',
  'reason',
  'note',
  'evidence',
  'expires_at',
  'created_at',
  'id',
];

const MAX_NOTE = 1_000;
const MAX_EVIDENCE = 16_384;
const MAX_DEPTH = 20;
// eslint-disable-next-line no-control-regex -- what PostgreSQL keeps in no text
const UNSTORABLE = /\u0000|\\u0000/;

/** The entry a line stands for, or what is wrong with it. */
export function readImportLine(
  fields: Readonly<Record<string, unknown>>,
  defaults: { reason: SuppressionReason; now: Date },
): NewSuppression | { fault: string } {
  const unknown = Object.keys(fields).find((field) => !IMPORT_FIELDS.includes(field));
  if (unknown !== undefined) return { fault: `Unknown field: ${unknown.slice(0, 80)}` };
  const email = textOf(fields['email']);
  const address = email === null ? null : parseSuppressible(email.trim());
  if (address === null) return { fault: `${shown(fields['email'])} is not a valid email address` };
  const given = textOf(fields['reason'])?.trim().toLowerCase() ?? defaults.reason;
  const reason = SUPPRESSION_REASONS.find((known) => known === given);
  if (!reason) return { fault: `Reason must be one of: ${SUPPRESSION_REASONS.join(', ')}` };
  const note = textOf(fields['note']);
  if (isObject(fields['note']) || (note?.length ?? 0) > MAX_NOTE || UNSTORABLE.test(note ?? '')) {
    return { fault: `Note must be text of at most ${MAX_NOTE} characters` };
  }
  const times = readTimes(fields, defaults.now);
  if ('fault' in times) return times;
  const evidence = readEvidence(fields['evidence']);
  if (typeof evidence === 'object' && evidence !== null) return evidence;
  return { address: suppressionKey(address), reason, note, evidence, ...times };
}

type Times = Pick<NewSuppression, 'expiresAt' | 'createdAt'>;

function readTimes(
  fields: Readonly<Record<string, unknown>>,
  now: Date,
): Times | { fault: string } {
  const expiresAt = timeOf(fields['expires_at']);
  const createdAt = timeOf(fields['created_at']);
  if (expiresAt === undefined || (expiresAt && expiresAt <= now)) {
    return { fault: 'expires_at must be a time in the future, such as 2030-01-31T00:00:00Z' };
  }
  if (createdAt === undefined || (createdAt && createdAt > now)) {
    return { fault: 'created_at must be a time in the past, such as 2026-03-22T10:30:00Z' };
  }
  return { expiresAt, createdAt };
}

/** JSON text, as a CSV has it, or the object itself. */
function readEvidence(given: unknown): string | null | { fault: string } {
  if (given === undefined || given === null || given === '') return null;
  const fault = { fault: 'Evidence must be a JSON object' };
  const value = typeof given === 'string' ? parseJson(given) : given;
  if (!isObject(value) || Array.isArray(value) || isDeeper(value, MAX_DEPTH)) return fault;
  const text = JSON.stringify(value);
  return text.length > MAX_EVIDENCE || UNSTORABLE.test(text) || !text.isWellFormed() ? fault : text;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function isObject(given: unknown): given is object {
  return typeof given === 'object' && given !== null;
}

function isDeeper(value: object, levels: number): boolean {
  const inner = Object.values(value).filter(isObject);
  return inner.length > 0 && (levels === 1 || inner.some((one) => isDeeper(one, levels - 1)));
}

/** Null: not given. A CSV gives nothing as an empty text. */
function textOf(given: unknown): string | null {
  if (given === undefined || given === null || given === '') return null;
  if (isObject(given)) return Array.isArray(given) ? '[…]' : '{…}';
  return typeof given === 'string' ? given.toWellFormed() : JSON.stringify(given);
}

const TIME = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2}))?$/i;

/** Null: not given; undefined: no time. */
function timeOf(given: unknown): Date | null | undefined {
  const text = textOf(given)?.trim() ?? null;
  if (text === null) return null;
  if (!TIME.test(text) || !isDayOfCalendar(text.slice(0, 10))) return undefined;
  const time = new Date(text.replace(' ', 'T'));
  return Number.isNaN(time.getTime()) ? undefined : time;
}

function shown(given: unknown): string {
  const text = textOf(given);
  return text === null ? 'An empty email' : `"${text.slice(0, 80)}"`;
}
