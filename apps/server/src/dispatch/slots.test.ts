import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Slots, type Slot } from './slots.ts';

const always = () => true;

describe('slots of a connection', () => {
  it('are given at once while there are some, each connection has its own', () => {
    const slots = new Slots();
    expect(slots.take('a', 1, always)).toBeTypeOf('function');
    expect(slots.take('a', 1, always)).toBeInstanceOf(Promise);
    expect(slots.take('b', 1, always)).toBeTypeOf('function');
  });

  it('are handed over in the order they were asked for, never more than there are', async () => {
    const slots = new Slots();
    let held = 0;
    let most = 0;
    const order: number[] = [];
    const work = async (index: number) => {
      const giveBack = await slots.take('a', 3, always);
      held += 1;
      most = Math.max(most, held);
      order.push(index);
      await delay(1);
      held -= 1;
      giveBack?.();
    };
    await Promise.all(Array.from({ length: 50 }, (_, index) => work(index)));
    expect(most).toBe(3);
    expect(order).toEqual(Array.from({ length: 50 }, (_, index) => index));
    expect(slots.take('a', 3, always)).toBeTypeOf('function');
  });

  it('become more, or fewer, while there is a line', async () => {
    const slots = new Slots();
    const held: NonNullable<Slot>[] = [];
    const come = async (most: number) => {
      void Promise.resolve(slots.take('a', most, always)).then((slot) => slot && held.push(slot));
      await delay(0);
    };
    for (const most of [1, 1, 1]) await come(most);
    expect(held).toHaveLength(1);
    await come(3);
    expect(held).toHaveLength(3);
    await come(2);
    held.shift()?.();
    await delay(0);
    expect(held).toHaveLength(2);
    held.shift()?.();
    await delay(0);
    expect(held).toHaveLength(2);
  });

  it('are not given to those who want them no more, who are told while they wait', async () => {
    const slots = new Slots();
    const giveBack = slots.take('a', 1, always) as NonNullable<Slot>;
    let isWanted = true;
    const unwanted = slots.take('a', 1, () => isWanted);
    const wanted = slots.take('a', 1, always);
    isWanted = false;
    await expect(unwanted).resolves.toBeNull();
    const skipped = slots.take('a', 1, () => false);
    giveBack();
    const given = await wanted;
    expect(given).toBeTypeOf('function');
    given?.();
    await expect(skipped).resolves.toBeNull();
    expect(slots.take('a', 1, always)).toBeTypeOf('function');
  });
});
