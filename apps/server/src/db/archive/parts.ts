const NEWLINE = 0x0a;

/** Whole lines of a COPY stream. */
export type Part = { readonly data: Buffer; readonly rows: number };

/** Cuts a stream at ends of lines, into parts of about `size` bytes; a longer line is one part. */
export async function* splitLines(
  stream: AsyncIterable<Buffer>,
  size: number,
): AsyncGenerator<Part> {
  let kept: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    kept.push(chunk);
    bytes += chunk.length;
    if (bytes < size || !chunk.includes(NEWLINE)) continue;
    const all = Buffer.concat(kept);
    const cut = all.lastIndexOf(NEWLINE) + 1;
    const rest = all.subarray(cut);
    yield toPart(all.subarray(0, cut));
    kept = rest.length > 0 ? [Buffer.from(rest)] : [];
    bytes = rest.length;
  }
  if (bytes > 0) yield toPart(Buffer.concat(kept));
}

function toPart(data: Buffer): Part {
  let rows = 0;
  for (let at = data.indexOf(NEWLINE); at !== -1; at = data.indexOf(NEWLINE, at + 1)) rows += 1;
  return { data, rows };
}
