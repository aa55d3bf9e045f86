import { describe, expect, it } from 'vitest';
import { planRanks, type Ranked } from './reorder.ts';

const ranks = (text: string): Ranked[] =>
  text.split(' ').map((part) => {
    const [id = '', rank] = part.split(':');
    return { id, rank: Number(rank) };
  });

describe('planRanks', () => {
  it.each([
    { at: 'the front', order: 'c:3 a:1 b:2', moved: 'c', change: 'c:0' },
    { at: 'between two', order: 'a:10 c:30 b:20', moved: 'c', change: 'c:15' },
    { at: 'the end', order: 'b:2 c:3 a:1', moved: 'a', change: 'a:13' },
  ])('changes one where there is room: $at', ({ order, moved, change }) => {
    expect(planRanks(ranks(order), moved)).toEqual(ranks(change));
  });

  it.each([
    { why: 'no room between', order: 'a:1 c:3 b:2', change: 'b:30 c:20 a:10' },
    { why: 'no room in front', order: 'c:3 a:0 b:2', change: 'b:30 a:20 c:10' },
    { why: 'equals among the others', order: 'c:3 a:1 b:1', change: 'b:30 a:20 c:10' },
  ])('else ranks all anew, the last first: $why', ({ order, change }) => {
    expect(planRanks(ranks(order), 'c')).toEqual(ranks(change));
  });

  it('leaves out what has its rank already', () => {
    expect(planRanks(ranks('a:10 c:40 b:10'), 'c')).toEqual(ranks('b:30 c:20'));
  });

  it('has nothing to do for what is not there', () => {
    expect(planRanks(ranks('a:1 b:2'), 'x')).toEqual([]);
  });
});
