import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { remember } from './remember.ts';

const TIMES = { freshMs: 5_000, waitMs: 3_000, staleMs: 60_000 };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Looks that end when told to. */
function createLooks() {
  const looks: PromiseWithResolvers<number>[] = [];
  const errors: unknown[] = [];
  const ask = remember({
    ...TIMES,
    look: () => {
      const look = Promise.withResolvers<number>();
      looks.push(look);
      return look.promise;
    },
    onError: (error) => errors.push(error),
  });
  return { ask, looks, errors };
}

describe('remember', () => {
  test('looks once for all who ask meanwhile and shortly after', async () => {
    const { ask, looks } = createLooks();
    const answers = Promise.all([ask(), ask()]);
    looks[0]?.resolve(7);
    expect(await answers).toEqual([7, 7]);
    vi.advanceTimersByTime(TIMES.freshMs - 1);
    expect(await ask()).toBe(7);
    expect(looks).toHaveLength(1);
    vi.advanceTimersByTime(1);
    const next = ask();
    looks[1]?.resolve(8);
    expect(await next).toBe(8);
  });

  test('knows nothing after a failure, and does not look again at once', async () => {
    const { ask, looks, errors } = createLooks();
    const answer = ask();
    looks[0]?.reject(new Error('away'));
    expect(await answer).toBeNull();
    expect(await ask()).toBeNull();
    expect(looks).toHaveLength(1);
    expect(errors).toEqual([new Error('away')]);
  });

  test('keeps nobody waiting for a look that hangs, and begins no second one', async () => {
    const { ask, looks } = createLooks();
    const first = ask();
    await vi.advanceTimersByTimeAsync(TIMES.waitMs);
    expect(await first).toBeNull();
    const second = ask();
    await vi.advanceTimersByTimeAsync(TIMES.waitMs);
    expect(await second).toBeNull();
    expect(looks).toHaveLength(1);
    looks[0]?.resolve(7);
    await vi.advanceTimersByTimeAsync(0);
    expect(await ask()).toBe(7);
  });

  test('tells what was seen last while a look takes long, but not for ever', async () => {
    const { ask, looks } = createLooks();
    const first = ask();
    looks[0]?.resolve(7);
    await first;
    vi.advanceTimersByTime(TIMES.freshMs);
    const slow = ask();
    await vi.advanceTimersByTimeAsync(TIMES.waitMs);
    expect(await slow).toBe(7);
    vi.advanceTimersByTime(TIMES.staleMs);
    const late = ask();
    await vi.advanceTimersByTimeAsync(TIMES.waitMs);
    expect(await late).toBeNull();
  });
});
