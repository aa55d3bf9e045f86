import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orderByTurn, orderByWeight, pointOfTurn, turnOfId } from './share.ts';

const NAMES = ['A', 'B', 'C', 'D', 'E', 'F'];

/** How often each member comes first of those that are healthy, over turns in a row. */
function countFirst(
  order: (turn: number) => readonly string[],
  { turns, from, healthy }: { turns: number; from: number; healthy: ReadonlySet<string> },
): Map<string, number> {
  const counts = new Map([...healthy].map((name) => [name, 0]));
  for (let turn = from; turn < from + turns; turn += 1) {
    const first = order(turn).find((name) => healthy.has(name));
    if (first !== undefined) counts.set(first, (counts.get(first) ?? 0) + 1);
  }
  return counts;
}

const someOf = (names: readonly string[]) => fc.subarray([...names], { minLength: 1 });

describe('orderByTurn', () => {
  it('gives each member every k-th turn', () => {
    const firsts = Array.from({ length: 7 }, (_, turn) => orderByTurn(['A', 'B', 'C'], turn)[0]);
    expect(firsts).toEqual(['A', 'B', 'C', 'A', 'B', 'C', 'A']);
  });

  it('deals the turns of a member that is left out to the others one by one', () => {
    const healthy = new Set(['A', 'C']);
    const counts = countFirst((turn) => orderByTurn(['A', 'B', 'C'], turn), {
      ...{ turns: 600, from: 17, healthy },
    });
    expect(counts).toEqual(
      new Map([
        ['A', 300],
        ['C', 300],
      ]),
    );
  });

  it('names every member once, whatever the turn', () => {
    fc.assert(
      fc.property(someOf(NAMES), fc.nat({ max: 2 ** 32 - 1 }), (names, turn) => {
        expect(orderByTurn(names, turn).toSorted()).toEqual(names.toSorted());
      }),
    );
  });

  it('is even over one cycle for whichever members are healthy', () => {
    fc.assert(
      fc.property(someOf(NAMES.slice(0, 5)), fc.nat({ max: 1e6 }), fc.gen(), (names, from, g) => {
        const healthy = new Set(g(() => someOf(names)));
        const cycle = names.reduce((product, _, index) => product * (index + 1), 1);
        const counts = countFirst((turn) => orderByTurn(names, turn), {
          ...{ turns: cycle, from, healthy },
        });
        expect(new Set(counts.values())).toEqual(new Set([cycle / healthy.size]));
      }),
      { numRuns: 50 },
    );
  });
});

describe('orderByWeight', () => {
  const weigh = (weights: Record<string, number>) =>
    Object.entries(weights).map(([item, weight]) => ({ item, weight }));

  it('keeps shares over a few mails already', () => {
    const members = weigh({ A: 70, B: 30 });
    const order = (turn: number) => orderByWeight(members, pointOfTurn(turn));
    for (const turns of [10, 100, 1_000]) {
      const counts = countFirst(order, { turns, from: 0, healthy: new Set(['A', 'B']) });
      expect(Math.abs((counts.get('A') ?? 0) - turns * 0.7), `of ${turns}`).toBeLessThan(2.5);
    }
  });

  it('gives the share of a member that is left out to the others in proportion', () => {
    const members = weigh({ A: 50, B: 30, C: 20 });
    const order = (turn: number) => orderByWeight(members, pointOfTurn(turn));
    const counts = countFirst(order, { turns: 5_000, from: 3, healthy: new Set(['B', 'C']) });
    expect(counts.get('B')).toBeGreaterThan(2_950);
    expect(counts.get('B')).toBeLessThan(3_050);
  });

  it('converges to the shares for any weights and any healthy members', () => {
    const weights = fc.array(fc.double({ min: 0.01, max: 1_000, noNaN: true }), {
      ...{ minLength: 1, maxLength: 5 },
    });
    fc.assert(
      fc.property(weights, fc.nat({ max: 2 ** 31 }), fc.gen(), (given, from, g) => {
        const members = given.map((weight, index) => ({ item: NAMES[index] ?? '', weight }));
        const healthy = new Set(g(() => someOf(members.map(({ item }) => item))));
        const turns = 4_000;
        const counts = countFirst((turn) => orderByWeight(members, pointOfTurn(turn)), {
          ...{ turns, from, healthy },
        });
        const total = members
          .filter(({ item }) => healthy.has(item))
          .reduce((sum, { weight }) => sum + weight, 0);
        for (const { item, weight } of members) {
          if (!healthy.has(item)) continue;
          const share = (counts.get(item) ?? 0) / turns;
          expect(Math.abs(share - weight / total)).toBeLessThan(0.05);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('names every member once, those without weight last and as they were given', () => {
    expect(orderByWeight(weigh({ X: 0, A: 1, Y: 0 }), 0.3)).toEqual(['A', 'X', 'Y']);
    const weight = fc.double({ min: 0, max: 1e6, noNaN: true });
    const point = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
    fc.assert(
      fc.property(fc.array(weight, { maxLength: 6 }), point, (given, at) => {
        const members = given.map((value, index) => ({ item: NAMES[index] ?? '', weight: value }));
        const order = orderByWeight(members, at);
        expect(order.toSorted()).toEqual(members.map(({ item }) => item).toSorted());
      }),
    );
  });
});

describe('turnOfId', () => {
  it('is the same for the same mail, and spreads over mails', () => {
    const ids = Array.from({ length: 3_000 }, () => crypto.randomUUID());
    const firsts = ids.map((id) => orderByTurn(['A', 'B', 'C'], turnOfId(id))[0]);
    expect(firsts).toEqual(ids.map((id) => orderByTurn(['A', 'B', 'C'], turnOfId(id))[0]));
    const counts = Map.groupBy(firsts, (name) => name);
    for (const name of ['A', 'B', 'C']) {
      expect(counts.get(name)?.length).toBeGreaterThan(850);
      expect(counts.get(name)?.length).toBeLessThan(1_150);
    }
  });
});
