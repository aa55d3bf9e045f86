/** Of a line; no list of addresses has longer ones. */
export const MAX_CHARACTERS = 64 * 1024;

export const TOO_LONG = `The line is longer than ${MAX_CHARACTERS / 1024} KB`;

/** A line with its end; `text` is null for one too long to be any. */
export type TextLine = { readonly number: number; readonly text: string | null };

/** A `\r` that nothing follows yet may be half of a `\r\n`. */
const END_OF_LINE = /\r\n|\n|\r(?!$)/g;

/** UTF-8, or UTF-16 with the mark at its start that spreadsheets write; the mark is left out. */
export function decoderFor(start: Uint8Array): TextDecoder {
  const mark = (start[0] ?? 0) * 256 + (start[1] ?? 0);
  if (mark === 0xfffe) return new TextDecoder('utf-16le');
  return new TextDecoder(mark === 0xfeff ? 'utf-16be' : 'utf-8');
}

/** The lines of a text as they come, whatever ends them; no more is kept than one line may be long. */
export async function* readLines(body: AsyncIterable<Buffer>): AsyncGenerator<TextLine> {
  let decoder: TextDecoder | null = null;
  let rest = '';
  let isCut = false;
  let number = 0;
  for await (const chunk of body) {
    decoder ??= decoderFor(chunk);
    const text = rest + decoder.decode(chunk, { stream: true });
    let start = 0;
    for (const { 0: mark, index } of text.matchAll(END_OF_LINE)) {
      const line = text.slice(start, index + mark.length);
      start += line.length;
      number += 1;
      yield { number, text: isCut || line.length > MAX_CHARACTERS ? null : line };
      isCut = false;
    }
    rest = text.slice(start);
    if (rest.length > MAX_CHARACTERS) [rest, isCut] = ['', true];
  }
  rest += decoder?.decode() ?? '';
  if (rest !== '' || isCut) yield { number: number + 1, text: isCut ? null : rest };
}
