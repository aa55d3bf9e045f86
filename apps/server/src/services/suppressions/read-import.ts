import type { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { parseSuppressible } from '../../lib/address.ts';
import { invalid, ServiceError } from '../service-error.ts';
import { IMPORT_FIELDS, type ImportLine } from './import-line.ts';

export type ImportFormat = 'csv' | 'json' | 'ndjson';

const MAX_LINE_BYTES = 64 * 1024;
const MAX_JSON_BYTES = 16 * 1024 * 1024;

/** The lines of an uploaded list, as they come in. Throws `invalid_request` where it is no list. */
export function readImport(body: Readable, format: ImportFormat): AsyncGenerator<ImportLine> {
  return READERS[format](body);
}

const READERS = { csv: readCsv, json: readJson, ndjson: readNdjson } as const;

type CsvRecord = { readonly record: readonly string[]; readonly info: { readonly lines: number } };

/** With a line of column names, or without one: email, reason, note. */
async function* readCsv(body: Readable): AsyncGenerator<ImportLine> {
  const skipped: ImportLine[] = [];
  const parser = parse({
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: MAX_LINE_BYTES,
    on_skip: (error) => {
      const line = (error as { lines?: number } | undefined)?.lines ?? 0;
      skipped.push({ line, fault: `The line is not valid CSV: ${error?.message ?? ''}` });
      return undefined;
    },
  });
  body.on('error', (error) => parser.destroy(error));
  body.pipe(parser);
  let columns: readonly string[] | null = null;
  for await (const { record, info } of parser as AsyncIterable<CsvRecord>) {
    yield* skipped.splice(0);
    if (columns === null) {
      columns = readColumns(record);
      if (columns !== DEFAULT_COLUMNS) continue;
    }
    if (record.length > columns.length) {
      yield { line: info.lines, fault: `The line has more than ${columns.length} columns` };
    } else {
      const fields = Object.fromEntries(record.map((value, at) => [columns?.[at] ?? '', value]));
      yield { line: info.lines, fields };
    }
  }
  yield* skipped;
}

const DEFAULT_COLUMNS: readonly string[] = ['email', 'reason', 'note'];

function readColumns(first: readonly string[]): readonly string[] {
  if (parseSuppressible(first[0]?.trim() ?? '') !== null) return DEFAULT_COLUMNS;
  const names = first.map((name) => name.trim().toLowerCase().replaceAll(' ', '_'));
  const faults = names
    .filter((name) => !IMPORT_FIELDS.includes(name))
    .map((name) => `Unknown column: ${name.slice(0, 80)}; columns are ${IMPORT_FIELDS.join(', ')}`);
  if (!names.includes('email')) faults.unshift('The first line must name a column email');
  if (new Set(names).size < names.length) faults.push('A column is named twice');
  if (faults.length > 0) throw invalid([...new Set(faults)].slice(0, 20));
  return names;
}

/** A list, or an object with the list in `suppressions`; of addresses, or of objects. */
async function* readJson(body: Readable): AsyncGenerator<ImportLine> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_JSON_BYTES) {
      throw new ServiceError(
        'payload_too_large',
        'A JSON list may have 16 MB; send more as application/x-ndjson or text/csv',
      );
    }
    chunks.push(chunk);
  }
  const items = listOf(parseJson(Buffer.concat(chunks).toString('utf8')));
  for (const [index, item] of items.entries()) yield toLine(index + 1, item);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new ServiceError('malformed_json', 'The body is not valid JSON', { cause: error });
  }
}

function listOf(value: unknown): readonly unknown[] {
  const list = isObject(value) ? value['suppressions'] : value;
  if (Array.isArray(list)) return list;
  throw invalid('The body must be a list of addresses or of objects with an email');
}

async function* readNdjson(body: Readable): AsyncGenerator<ImportLine> {
  let line = 0;
  for await (const text of splitLines(body)) {
    line += 1;
    if (text === null) {
      yield { line, fault: `The line is longer than ${MAX_LINE_BYTES / 1024} KB` };
    } else if (text.trim() !== '') {
      try {
        yield toLine(line, JSON.parse(text) as unknown);
      } catch {
        yield { line, fault: 'The line is not valid JSON' };
      }
    }
  }
}

/** Null for a line too long to be one; no more of it is kept than the limit. */
async function* splitLines(body: Readable): AsyncGenerator<string | null> {
  const decoder = new TextDecoder();
  let rest = '';
  let isTooLong = false;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      yield isTooLong || part.length > MAX_LINE_BYTES ? null : part;
      isTooLong = false;
    }
    if (rest.length > MAX_LINE_BYTES) [rest, isTooLong] = ['', true];
  }
  if (isTooLong) yield null;
  else if (rest !== '') yield rest;
}

function toLine(line: number, item: unknown): ImportLine {
  if (typeof item === 'string') return { line, fields: { email: item } };
  if (isObject(item)) return { line, fields: item };
  return { line, fault: 'It must be an address or an object with an email' };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
