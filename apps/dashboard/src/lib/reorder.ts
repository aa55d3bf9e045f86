export type Ranked = { readonly id: string; readonly rank: number };

/** Room between ranks, so that the next move is a change of one. */
const STEP = 10;

/**
 * The ranks to change so that the items, as they stand now, are in this order: one where there is room
 * between its neighbours, else all. In the order to change them in, which at no point puts one that was
 * not moved before another.
 */
export function planRanks(items: readonly Ranked[], moved: string): readonly Ranked[] {
  const index = items.findIndex(({ id }) => id === moved);
  if (index === -1) return [];
  const before = items[index - 1]?.rank;
  const after = items[index + 1]?.rank;
  const rank = findRoom(before, after);
  const others = items.filter(({ id }) => id !== moved);
  const isSorted = others.every(
    ({ rank: own }, at) => at === 0 || own > (others[at - 1]?.rank ?? -1),
  );
  if (rank !== null && isSorted) return [{ id: moved, rank }];
  return items
    .map(({ id, rank: old }, at) => ({ id, rank: (at + 1) * STEP, old }))
    .filter((item) => item.rank !== item.old)
    .toSorted((a, b) => b.rank - a.rank)
    .map(({ id, rank: own }) => ({ id, rank: own }));
}

function findRoom(before: number | undefined, after: number | undefined): number | null {
  if (before === undefined) {
    return after === undefined || after === 0 ? null : Math.floor(after / 2);
  }
  if (after === undefined) return before + STEP;
  const middle = Math.floor((before + after) / 2);
  return middle > before ? middle : null;
}
