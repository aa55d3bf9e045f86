import { expect, it } from 'vitest';
import { toStorable } from './storable.ts';

it('replaces what no database keeps, wherever it is, and leaves the rest', () => {
  const at = new Date();
  const odd = { a: 'x\u0000y', list: ['\ud800', { deep: '\udc00🎉' }], at, n: 1, none: null };
  expect(toStorable(odd)).toEqual({
    ...{ a: 'x\ufffdy', list: ['\ufffd', { deep: '\ufffd🎉' }] },
    ...{ at, n: 1, none: null },
  });
  expect(toStorable(odd).at).toBe(at);
});
