/**
 * The order in which mail number `turn` is offered to members with equal rights. The digits of the
 * number in the factorial system choose one after the other, so that the first place goes round, and
 * so does, apart from it, the place after each: whichever members are left out, their turns are dealt
 * evenly to the rest.
 */
export function orderByTurn<T>(members: readonly T[], turn: number): T[] {
  const left = [...members];
  let digits = turn;
  return members.map(() => {
    const place = digits % left.length;
    digits = Math.floor(digits / left.length);
    return takeAt(left, place);
  });
}

/**
 * The same by weight: each place is drawn among those that are left, in proportion to their weights,
 * and what the draw leaves over makes the next one. Leaving members out therefore redistributes
 * their part in proportion to the weights of the rest. `point`: 0 ≤ point < 1. Members of weight 0
 * come last, as they were given.
 */
export function orderByWeight<T>(
  members: readonly { readonly item: T; readonly weight: number }[],
  point: number,
): T[] {
  const left = members.filter(({ weight }) => weight > 0);
  const none = members.filter(({ weight }) => weight <= 0);
  const order: T[] = [];
  let rest = point;
  while (left.length > 0) {
    const total = left.reduce((sum, { weight }) => sum + weight, 0);
    let place = 0;
    let low = 0;
    let part = (left[0]?.weight ?? 0) / total;
    while (rest >= low + part && place < left.length - 1) {
      low += part;
      place += 1;
      part = (left[place]?.weight ?? 0) / total;
    }
    // Kept below 1 whatever the rounding.
    rest = Math.min(Math.max((rest - low) / part, 0), 1 - Number.EPSILON);
    order.push(takeAt(left, place).item);
  }
  return [...order, ...none.map(({ item }) => item)];
}

function takeAt<T>(items: T[], place: number): T {
  const [item] = items.splice(place, 1);
  if (item === undefined) throw new RangeError(`no member at ${place}`);
  return item;
}

/** 2^32 divided by the golden ratio. */
const GOLDEN = 0x9e3779b9;

/**
 * A point between 0 and 1 for each turn. Points of successive turns lie as far from each other as
 * they can, so that shares hold over a few mails already: after n turns no share is off by more than
 * about log n mails, where random draws are off by the root of n.
 */
export function pointOfTurn(turn: number): number {
  return (Math.imul(turn, GOLDEN) >>> 0) / 2 ** 32;
}

/** A turn for a mail that is given none: from the random bits of its id, the same each time. */
export function turnOfId(id: string): number {
  return Number.parseInt(id.slice(-8), 16);
}
