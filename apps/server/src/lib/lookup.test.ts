import { expect, it } from 'vitest';
import { createLookup } from './lookup.ts';

function createCounted(answer: (key: string, loads: number) => Promise<string | null>) {
  let loads = 0;
  const lookup = createLookup({
    max: 10,
    ttlMs: 60_000,
    load: (key) => {
      loads += 1;
      return answer(key, loads);
    },
  });
  return { lookup, count: () => loads };
}

it('callers who come together, and soon after, share one load', async () => {
  const { lookup, count } = createCounted((key) => Promise.resolve(key));
  expect(await Promise.all([lookup.find('a'), lookup.find('a')])).toEqual(['a', 'a']);
  expect(await lookup.find('a')).toBe('a');
  expect(count()).toBe(1);
  expect(await lookup.find('b')).toBe('b');
  expect(count()).toBe(2);
});

it('that there is nothing is kept too', async () => {
  const { lookup, count } = createCounted(() => Promise.resolve(null));
  expect([await lookup.find('a'), await lookup.find('a')]).toEqual([null, null]);
  expect(count()).toBe(1);
});

it('an error is of those who waited for it, and is not kept', async () => {
  const { lookup } = createCounted((_key, loads) =>
    loads === 1 ? Promise.reject(new Error('away')) : Promise.resolve('back'),
  );
  const together = await Promise.allSettled([lookup.find('a'), lookup.find('a')]);
  expect(together.map((each) => each.status)).toEqual(['rejected', 'rejected']);
  expect(await lookup.find('a')).toBe('back');
});

it('what was read before forget is answered to those before it alone', async () => {
  const gate = Promise.withResolvers<string>();
  const { lookup } = createCounted((_key, loads) =>
    loads === 1 ? gate.promise : Promise.resolve('new'),
  );
  const before = lookup.find('a');
  lookup.forget();
  expect(await lookup.find('a')).toBe('new');
  gate.resolve('old');
  expect(await before).toBe('old');
  expect(await lookup.find('a')).toBe('new');
});
