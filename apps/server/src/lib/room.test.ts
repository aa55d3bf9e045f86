import { describe, expect, it } from 'vitest';
import { createRoom } from './room.ts';

/** Guests who stay until they are told to leave. */
function createGuests(options: { total: number; perKey: number }) {
  const room = createRoom(options);
  const inside: string[] = [];
  const leaves = new Map<string, () => void>();
  const tick = () => new Promise(setImmediate);
  return {
    inside,
    come: async (name: string, weight: number) => {
      void room.enter({ key: name.charAt(0), weight }).then((leave) => {
        inside.push(name);
        leaves.set(name, leave);
      });
      await tick();
    },
    go: async (name: string) => {
      leaves.get(name)?.();
      await tick();
    },
  };
}

describe('a room', () => {
  it('lets in what fits, in the order it came', async () => {
    const { inside, come, go } = createGuests({ total: 10, perKey: 10 });
    await come('a1', 6);
    await come('b1', 5);
    await come('c1', 1);
    expect(inside).toEqual(['a1']);
    await go('a1');
    expect(inside).toEqual(['a1', 'b1', 'c1']);
  });

  it('leaves room for others, whatever one key wants', async () => {
    const { inside, come, go } = createGuests({ total: 10, perKey: 7 });
    await come('a1', 4);
    await come('a2', 4);
    await come('a3', 1);
    await come('b1', 3);
    expect(inside).toEqual(['a1', 'b1']);
    await go('b1');
    expect(inside).toEqual(['a1', 'b1']);
    await go('a1');
    expect(inside).toEqual(['a1', 'b1', 'a2', 'a3']);
  });

  it('takes what is larger than itself, alone', async () => {
    const { inside, come, go } = createGuests({ total: 10, perKey: 7 });
    await come('a1', 99);
    await come('b1', 1);
    expect(inside).toEqual(['a1']);
    await go('a1');
    await come('a2', 99);
    expect(inside).toEqual(['a1', 'b1']);
    await go('b1');
    expect(inside).toEqual(['a1', 'b1', 'a2']);
  });
});
