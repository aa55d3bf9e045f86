import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ImportLine } from './import-line.ts';
import { readCsv } from './read-csv.ts';

/** In chunks of any size, as uploads come. */
async function read(content: string | Buffer, chunk = 7): Promise<ImportLine[]> {
  const bytes = Buffer.from(content);
  const chunks = Array.from({ length: Math.ceil(bytes.length / chunk) }, (_, index) =>
    bytes.subarray(index * chunk, (index + 1) * chunk),
  );
  const lines: ImportLine[] = [];
  for await (const line of readCsv(Readable.from(chunks))) lines.push(line);
  return lines;
}

const emails = (lines: readonly ImportLine[]) =>
  lines.flatMap((line) => ('fields' in line ? [line.fields['email']] : []));
const faults = (lines: readonly ImportLine[]) =>
  lines.flatMap((line) => ('fault' in line ? [[line.line, line.fault]] : []));
const many = Array.from({ length: 9_000 }, (_, index) => `user${index}@example.com`);

describe('a CSV file', () => {
  it.each([
    ['a quote that nothing closes', 'a@b.co,"oops', /not valid CSV/],
    ['a quote within a text', 'a@b.co,a 5" pipe', /not valid CSV/],
    ['a text after the quotes', 'a@b.co,"x"y', /not valid CSV/],
    ['a line that is too long', 'x'.repeat(200_000), /longer than 64 KB/],
    ['a quoted text that is too long', `a@b.co,"${'x'.repeat(200_000)}"`, /longer than 64 KB/],
  ])('loses no line to %s', async (_what, bad, fault) => {
    const lines = await read(['email,note', 'first@b.co,', bad, ...many].join('\n'), 65_536);
    expect(emails(lines)).toEqual(['first@b.co', ...many]);
    expect(faults(lines)).toEqual([[3, expect.stringMatching(fault)]]);
  });

  it('loses no line to several such quotes, nor to one at its end', async () => {
    const csv = ['email,note', 'a@b.co,"x', 'b@b.co,"y', 'c@b.co,', 'd@b.co,"z', 'e@b.co,'].join(
      '\n',
    );
    const lines = await read(csv);
    expect(emails(lines)).toEqual(['c@b.co', 'e@b.co']);
    expect(faults(lines).map(([line]) => line)).toEqual([2, 3, 5]);
  });

  it.each(['\n', '\r\n', '\r'])('may end its lines with %j', async (end) => {
    const csv = ['email,note', 'a@b.co,"one', 'two"', '', 'b@b.co,'].join(end);
    expect(await read(csv, 3)).toEqual([
      { line: 2, fields: { email: 'a@b.co', note: `one${end}two` } },
      { line: 5, fields: { email: 'b@b.co' } },
    ]);
  });

  it('may end its lines in several ways, as files put together do', async () => {
    expect(emails(await read('email\r\na@b.co\nb@b.co\rc@b.co\r\n'))).toEqual([
      ...['a@b.co', 'b@b.co', 'c@b.co'],
    ]);
  });

  it.each([';', '\t'])('may part its columns with %j', async (delimiter) => {
    const csv = ['"Email"', 'note\na@b.co', '"x, y"\nb@b.co', 'u, v'].join(delimiter);
    expect((await read(csv)).map((line) => 'fields' in line && line.fields)).toEqual([
      { email: 'a@b.co', note: 'x, y' },
      { email: 'b@b.co', note: 'u, v' },
    ]);
  });

  it('keeps a semicolon in a note where commas part the columns', async () => {
    expect(await read('email,note\na@b.co,x; y')).toEqual([
      { line: 2, fields: { email: 'a@b.co', note: 'x; y' } },
    ]);
  });

  it('may have empty columns at the end of its lines', async () => {
    expect(await read('email,note,,\na@b.co,x,,\nb@b.co,,,\n')).toEqual([
      { line: 2, fields: { email: 'a@b.co', note: 'x' } },
      { line: 3, fields: { email: 'b@b.co' } },
    ]);
  });

  it.each([
    ['UTF-8', Buffer.from('\ufeffemail,note\na@b.co,é\n')],
    ['UTF-16, the low byte first', Buffer.from('\ufeffemail,note\na@b.co,é\n', 'utf16le')],
    [
      'UTF-16, the high byte first',
      Buffer.from('\ufeffemail,note\na@b.co,é\n', 'utf16le').swap16(),
    ],
  ])('may be in %s', async (_name, bytes) => {
    expect(await read(bytes)).toEqual([{ line: 2, fields: { email: 'a@b.co', note: 'é' } }]);
  });

  it('in UTF-16 without a mark is refused with what to do', async () => {
    await expect(read(Buffer.from('email\na@b.co', 'utf16le'))).rejects.toThrow(/UTF-8/);
  });

  it('is none where it is empty', async () => {
    expect(await read('')).toEqual([]);
    expect(await read('\ufeff\r\n\r\n')).toEqual([]);
  });

  it('tells of every line of whatever it is made of', async () => {
    const piece = fc.constantFrom(
      'a@b.co',
      ',',
      '"',
      '""',
      '\n',
      '\r\n',
      '\r',
      ';',
      ' ',
      'é',
      '\0',
    );
    const text = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(''));
    await fc.assert(
      fc.asyncProperty(text, fc.integer({ min: 1, max: 9 }), async (body, chunk) => {
        const lines = await read(`email,note\n${body}`, chunk);
        expect(lines).toEqual(await read(`email,note\n${body}`, 1_000));
        const told = lines.map(({ line }) => line);
        expect(told).toEqual([...new Set(told)].sort((one, other) => one - other));
        // Each address that stands alone on a line is read, unless it is in a quoted text.
        if (!body.includes('"')) {
          const alone = body.split(/\r\n|\n|\r/).filter((line) => line === 'a@b.co');
          expect(emails(lines).filter((email) => email === 'a@b.co').length).toBeGreaterThanOrEqual(
            alone.length,
          );
        }
      }),
    );
  });
});
