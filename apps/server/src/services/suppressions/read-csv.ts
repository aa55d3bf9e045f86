import type { Readable } from 'node:stream';
import { parse } from 'csv-parse/sync';
import { parseSuppressible } from '../../lib/address.ts';
import { invalid } from '../service-error.ts';
import { IMPORT_FIELDS, type ImportLine } from './import-line.ts';
import { MAX_CHARACTERS, readLines, TOO_LONG, type TextLine } from './read-lines.ts';

const NOT_CSV =
  'The line is not valid CSV: put quotes around a whole field, and write a quote within it twice';
const DEFAULT_COLUMNS: readonly string[] = ['email', 'reason', 'note'];

type CsvRecord =
  | { readonly line: number; readonly values: readonly string[] }
  | { readonly line: number; readonly fault: string };

/** With a line of column names, or without one: email, reason, note. */
export async function* readCsv(body: Readable): AsyncGenerator<ImportLine> {
  let columns: readonly string[] | null = null;
  for await (const record of readRecords(body)) {
    if ('fault' in record) {
      yield record;
      continue;
    }
    const { line } = record;
    const values = withoutEmptyEnd(record.values);
    if (columns === null) {
      columns = readColumns(values);
      if (columns !== DEFAULT_COLUMNS) continue;
    }
    if (values.length > columns.length) {
      yield { line, fault: `The line has more than ${columns.length} columns` };
    } else {
      const fields = Object.fromEntries(values.map((value, at) => [columns?.[at] ?? '', value]));
      yield { line, fields };
    }
  }
}

/** Spreadsheets fill lines up to the widest one. */
function withoutEmptyEnd(values: readonly string[]): readonly string[] {
  return values.slice(0, values.findLastIndex((value) => value.trim() !== '') + 1);
}

function readColumns(first: readonly string[]): readonly string[] {
  if (parseSuppressible(first[0]?.trim() ?? '') !== null) return DEFAULT_COLUMNS;
  if (first.some((name) => name.includes('\0'))) throw invalid('The list must be text in UTF-8');
  const names = first.map((name) => name.trim().toLowerCase().replaceAll(' ', '_'));
  const faults = names
    .filter((name) => !IMPORT_FIELDS.includes(name))
    .map((name) => `Unknown column: ${name.slice(0, 80)}; columns are ${IMPORT_FIELDS.join(', ')}`);
  if (!names.includes('email')) faults.unshift('The first line must name a column email');
  if (new Set(names).size < names.length) faults.push('A column is named twice');
  if (faults.length > 0) throw invalid([...new Set(faults)].slice(0, 20));
  return names;
}

async function* readRecords(body: Readable): AsyncGenerator<CsvRecord> {
  const joiner = new RecordJoiner();
  for await (const line of readLines(body)) yield* joiner.add(line);
  yield* joiner.end();
}

/**
 * Makes records of lines, since a quoted field may hold ends of lines. A quote that nothing closes
 * costs its own line and no other: those after it are read again, each by itself.
 */
class RecordJoiner {
  #delimiter: string | null = null;
  /** The lines of a record as far as they have come. */
  #lines: TextLine[] = [];
  #length = 0;

  *add(line: TextLine): Generator<CsvRecord> {
    const stack = [line];
    for (let next = stack.pop(); next; next = stack.pop()) {
      if (this.#lines.length === 0 && next.text?.trim() === '') continue;
      this.#lines.push(next);
      const record = this.#read(next);
      if (record === null) continue;
      yield record;
      const [, ...others] = this.#takeLines();
      if ('fault' in record) for (const other of others.reverse()) stack.push(other);
    }
  }

  /** What is open now is never closed. */
  *end(): Generator<CsvRecord> {
    while (this.#lines.length > 0) {
      const [first, ...others] = this.#takeLines();
      yield { line: first?.number ?? 0, fault: NOT_CSV };
      for (const line of others) yield* this.add(line);
    }
  }

  /** Null while a quote is open. */
  #read({ number, text }: TextLine): CsvRecord | null {
    const isFirst = this.#lines.length === 1;
    const line = this.#lines[0]?.number ?? number;
    if (text === null) return { line, fault: isFirst ? TOO_LONG : NOT_CSV };
    this.#delimiter ??= delimiterOf(text);
    this.#length += text.length;
    if (this.#length > MAX_CHARACTERS) return { line, fault: NOT_CSV };
    if (isFirst === hasOddQuotes(text)) return null;
    const whole = this.#lines.map((part) => part.text ?? '').join('');
    const values = splitRecord(whole, this.#delimiter);
    return values ? { line, values } : { line, fault: NOT_CSV };
  }

  #takeLines(): TextLine[] {
    const lines = this.#lines;
    this.#lines = [];
    this.#length = 0;
    return lines;
  }
}

/** Spreadsheets write semicolons where the comma stands in numbers. */
function delimiterOf(firstLine: string): string {
  const bare = firstLine.replace(/"[^"]*"/g, '');
  return [',', ';', '\t'].find((delimiter) => bare.includes(delimiter)) ?? ',';
}

function hasOddQuotes(text: string): boolean {
  return text.includes('"') && text.split('"').length % 2 === 0;
}

/** Null where it is no record. The library is asked only where there are quotes. */
function splitRecord(text: string, delimiter: string): readonly string[] | null {
  if (!text.includes('"')) return text.replace(/[\r\n]+$/, '').split(delimiter);
  try {
    const [record, ...others] = parse(text, { delimiter, relax_column_count: true });
    return record && others.length === 0 ? record : null;
  } catch {
    return null;
  }
}
