import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findUnstorable } from './find-unstorable.ts';

function nest(depth: number, wrap: (inner: unknown) => unknown): unknown {
  let value: unknown = 1;
  for (let n = 0; n < depth; n += 1) value = wrap(value);
  return value;
}

describe('findUnstorable', () => {
  it.each([
    ['a\u0000', 'The body must not contain NUL characters'],
    [{ a: '\u0000' }, 'a must not contain NUL characters'],
    [{ a: { b: ['x', '\u0000'] } }, 'a.b[1] must not contain NUL characters'],
    [{ a: '\ud800' }, 'a contains half of a surrogate pair'],
    [{ a: ['\udc00\ud800'] }, 'a[0] contains half of a surrogate pair'],
    [{ a: [-Infinity] }, 'a[0] is too large a number'],
    [{ 'a\u0000': 1 }, 'The body has a key with invalid characters'],
    [{ a: { '\ud800': 1 } }, 'a has a key with invalid characters'],
  ])('names the place in %j', (value, fault) => {
    expect(findUnstorable(value)).toBe(fault);
  });

  it.each([undefined, null, 1, true, '', '😀', {}, [], { a: [null, { b: '\u0001é' }] }])(
    'has nothing against %j',
    (value) => expect(findUnstorable(value)).toBeNull(),
  );

  it('stops at depths and lengths past any use', () => {
    expect(findUnstorable(nest(50, (a) => ({ a })))).toBeNull();
    expect(findUnstorable(nest(10_000, (a) => ({ a })))).toMatch(/^a\.a\S+… is nested too deeply$/);
    expect(findUnstorable(nest(10_000, (a) => [a]))).toMatch(/ is nested too deeply$/);
    expect(findUnstorable({ a: new Array(19_999).fill(1) })).toBeNull();
    expect(findUnstorable({ a: new Array(20_000).fill(1) })).toBe('a has too many values');
  });

  it('answers with text that can be shown, whatever it is given', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary', maxDepth: 6 }), (value) => {
        const fault = findUnstorable(value);
        const isClean =
          JSON.stringify(value).isWellFormed() &&
          !/\\u0000|\\ud[89a-f]/.test(JSON.stringify(value));
        expect(fault === null).toBe(isClean);
        expect((fault ?? '').isWellFormed()).toBe(true);
      }),
    );
  });
});
