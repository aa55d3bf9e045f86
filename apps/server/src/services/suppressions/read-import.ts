import type { Readable } from 'node:stream';
import { invalid, ServiceError } from '../service-error.ts';
import type { ImportLine } from './import-line.ts';
import { readCsv } from './read-csv.ts';
import { decoderFor, readLines, TOO_LONG } from './read-lines.ts';

export type ImportFormat = 'csv' | 'json' | 'ndjson';

const MAX_JSON_BYTES = 16 * 1024 * 1024;

/** The lines of an uploaded list, as they come in. Throws `invalid_request` where it is no list. */
export function readImport(body: Readable, format: ImportFormat): AsyncGenerator<ImportLine> {
  return READERS[format](body);
}

const READERS = { csv: readCsv, json: readJson, ndjson: readNdjson } as const;

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
  const items = listOf(parseJson(textOf(Buffer.concat(chunks))));
  for (const [index, item] of items.entries()) yield toLine(index + 1, item);
}

function textOf(bytes: Buffer): string {
  return decoderFor(bytes).decode(bytes);
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
  for await (const { number: line, text } of readLines(body)) {
    if (text === null) yield { line, fault: TOO_LONG };
    else if (text.trim() !== '') yield readJsonLine(line, text);
  }
}

function readJsonLine(line: number, text: string): ImportLine {
  try {
    return toLine(line, JSON.parse(text) as unknown);
  } catch {
    return { line, fault: 'The line is not valid JSON' };
  }
}

function toLine(line: number, item: unknown): ImportLine {
  if (typeof item === 'string') return { line, fields: { email: item } };
  if (isObject(item)) return { line, fields: item };
  return { line, fault: 'It must be an address or an object with an email' };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
