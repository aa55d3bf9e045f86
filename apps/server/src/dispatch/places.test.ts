import { describe, expect, it } from 'vitest';
import { Places } from './places.ts';

function take(places: Places, accountId: string, count: number): void {
  for (let index = 0; index < count; index += 1) places.take(accountId);
}

describe('the places of a worker', () => {
  it('are never all held by one account', () => {
    const places = new Places(128);
    expect(places.perAccount).toBe(96);
    take(places, 'large', 96);
    expect(places.left).toEqual(new Map([['large', 0]]));
    expect(places.isWelcome('large')).toBe(false);
    expect(places.isWelcome('small')).toBe(true);
  });

  it('are never all held, however many accounts have mail', () => {
    let now = 0;
    const places = new Places(256, () => now);
    const held = ['a', 'b', 'c', 'd'].map((accountId) => {
      const share = places.perAccount;
      take(places, accountId, share);
      return share;
    });
    expect(held).toEqual([192, 48, 12, 3]);
    now = 1_000;
    expect(places.isWelcome('e')).toBe(true);
    expect([...places.left.values()]).toEqual([0, 0, 0, 0]);
    // Its last place is worth a look: it may have no more.
    for (let index = 0; index < 3; index += 1) places.giveBack('d');
    expect(places.isWorthRefilling('d')).toBe(true);
  });

  it('are refilled in large steps for one account alone', () => {
    const places = new Places(128);
    expect(places.step).toBe(64);
    take(places, 'large', 96);
    for (let index = 0; index < 31; index += 1) places.giveBack('large');
    expect(places.isWorthRefilling('large')).toBe(false);
    places.giveBack('large');
    expect(places.isWorthRefilling('large')).toBe(true);
    expect(places.left).toEqual(new Map([['large', 32]]));
  });

  it('are refilled in small steps while there is mail of others, and for a second after', () => {
    let now = 0;
    const places = new Places(128, () => now);
    take(places, 'large', 10);
    places.take('small');
    places.giveBack('small');
    expect(places.step).toBe(32);
    // 16 may be at hand.
    expect(places.left).toEqual(new Map([['large', 6]]));
    expect(places.isWorthRefilling('large')).toBe(false);
    for (let index = 0; index < 10; index += 1) places.giveBack('large');
    expect(places.isWorthRefilling('large')).toBe(true);
    take(places, 'large', 17);
    now = 1_000;
    expect(places.step).toBe(64);
    expect(places.left).toEqual(new Map([['large', 79]]));
  });

  it('are not kept from an account that holds few by what others have at hand', () => {
    const places = new Places(128, () => 0);
    take(places, 'large', 96);
    take(places, 'small', 7);
    expect(places.hasRoom('large')).toBe(false);
    expect(places.hasRoom('small')).toBe(true);
    expect(places.isWelcome('small')).toBe(true);
    expect(places.left).toEqual(
      new Map([
        ['large', 0],
        ['small', 1],
      ]),
    );
    places.take('small');
    expect(places.hasRoom('small')).toBe(false);
    expect(places.isWelcome('small')).toBe(false);
  });

  it('of mails that wait for a slow provider leave room for more', async () => {
    const places = new Places(128, () => 0);
    take(places, 'large', 31);
    places.take('small');
    expect(places.left.get('large')).toBe(0);
    let answer: () => void = () => undefined;
    const calls = Array.from({ length: 20 }, () =>
      places.awayDuring(() => new Promise<void>((resolve) => (answer = resolve))),
    );
    expect(places.left.get('large')).toBe(4);
    answer();
    await calls.at(-1);
    expect(places.left.get('large')).toBe(3);
  });

  it.each([1, 2, 3])('are all of use where there are %i', (total) => {
    const places = new Places(total);
    expect(places.isWelcome('a')).toBe(true);
    expect(places.step).toBeGreaterThan(0);
    take(places, 'a', places.perAccount);
    places.giveBack('a');
    expect(places.isWorthRefilling('a')).toBe(true);
  });
});
