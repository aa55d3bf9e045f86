import { describe, expect, it } from 'vitest';
import { createBatcher } from './batcher.ts';

describe('createBatcher', () => {
  it('gives every caller its own result, however the calls were grouped', async () => {
    const sizes: number[] = [];
    const batcher = createBatcher<number, number>({
      maxItems: 4,
      maxRunning: 1,
      run: (items) => {
        sizes.push(items.length);
        return Promise.resolve(items.map((item) => item * 2));
      },
    });
    const results = await Promise.all([1, 2, 3, 4, 5, 6].map((item) => batcher.add(item)));
    expect(results).toEqual([2, 4, 6, 8, 10, 12]);
    expect(sizes).toEqual([4, 2]);
  });

  it('gathers what comes while a batch runs', async () => {
    const sizes: number[] = [];
    let release: () => void = () => undefined;
    const first = new Promise<void>((resolve) => (release = resolve));
    const batcher = createBatcher<number, number>({
      maxItems: 10,
      maxRunning: 1,
      run: async (items) => {
        sizes.push(items.length);
        if (sizes.length === 1) await first;
        return items;
      },
    });
    const calls = [batcher.add(1)];
    await new Promise(setImmediate);
    calls.push(batcher.add(2), batcher.add(3));
    release();
    await Promise.all(calls);
    expect(sizes).toEqual([1, 2]);
  });

  it('runs each item by itself where one of a batch may have failed it', async () => {
    const batcher = createBatcher<string, string>({
      maxItems: 8,
      maxRunning: 1,
      isOfItem: (error) => (error as Error).message === 'bad value',
      run: (items) =>
        items.includes('bad') || items.includes('away')
          ? Promise.reject(new Error(items.includes('away') ? 'away' : 'bad value'))
          : Promise.resolve(items),
    });
    const statuses = async (items: readonly string[]) =>
      (await Promise.allSettled(items.map((item) => batcher.add(item)))).map(
        ({ status }) => status,
      );
    expect(await statuses(['a', 'bad', 'b'])).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await statuses(['a', 'away', 'b'])).toEqual(['rejected', 'rejected', 'rejected']);
  });

  it('fails one item without its neighbours, and a whole batch when the run throws', async () => {
    const batcher = createBatcher<string, string>({
      maxItems: 2,
      maxRunning: 1,
      run: (items) => {
        if (items.includes('throw')) return Promise.reject(new Error('database is away'));
        return Promise.resolve(items.map((item) => (item === 'bad' ? new Error('bad') : item)));
      },
    });
    const results = await Promise.allSettled(
      ['good', 'bad', 'throw', 'lost'].map((item) => batcher.add(item)),
    );
    expect(results.map((result) => result.status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'rejected',
    ]);
  });

  it('bounds a batch by weight and lets a heavy item go alone', async () => {
    const batches: (readonly number[])[] = [];
    const batcher = createBatcher<number, number>({
      maxItems: 10,
      maxRunning: 1,
      weigh: (item) => item,
      maxWeight: 10,
      run: (items) => {
        batches.push(items);
        return Promise.resolve(items);
      },
    });
    await Promise.all([4, 4, 4, 50, 1].map((item) => batcher.add(item)));
    expect(batches).toEqual([[4, 4], [4], [50], [1]]);
  });

  describe('with a gap for while it is busy', () => {
    function createBusy() {
      const batches: number[][] = [];
      const ends: (() => void)[] = [];
      const batcher = createBatcher<number, number>({
        maxItems: 3,
        maxRunning: 2,
        busyGapMs: 60,
        run: async (items) => {
          batches.push([...items]);
          await new Promise<void>((resolve) => ends.push(resolve));
          return items;
        },
      });
      const add = async (...items: number[]) => {
        for (const item of items) void batcher.add(item);
        await new Promise(setImmediate);
        await new Promise(setImmediate);
      };
      return { batches, ends, add };
    }

    it('runs a lone call at once, and what came meanwhile as soon as it has ended', async () => {
      const { batches, ends, add } = createBusy();
      await add(1);
      expect(batches).toEqual([[1]]);
      await add(2, 3);
      expect(batches).toEqual([[1]]);
      ends[0]?.();
      await add();
      expect(batches).toEqual([[1], [2, 3]]);
    });

    it('runs a second batch beside the first once that is full, or has taken so long', async () => {
      const { batches, add } = createBusy();
      await add(1);
      await add(2, 3, 4);
      expect(batches).toEqual([[1], [2, 3, 4]]);
      const slow = createBusy();
      await slow.add(1);
      await slow.add(2);
      expect(slow.batches).toEqual([[1]]);
      await expect.poll(() => slow.batches).toEqual([[1], [2]]);
    });
  });

  it('is idle only when nothing waits or runs', async () => {
    let done = false;
    const batcher = createBatcher<number, number>({
      maxItems: 1,
      maxRunning: 1,
      run: async (items) => {
        await new Promise(setImmediate);
        return items;
      },
    });
    void batcher.add(1);
    void batcher.add(2).then(() => (done = true));
    await batcher.idle();
    expect(done).toBe(true);
  });
});
