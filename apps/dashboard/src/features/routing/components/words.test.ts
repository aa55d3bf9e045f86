import { describe, expect, it } from 'vitest';
import { describeMatch, partsOf, sharesOf } from './words.ts';

const match = { sender_domain: 'yourapp.com', recipient_domain: null, tag: 'newsletter' };
const members = [
  { weight: 70, failover_only: false },
  { weight: 30, failover_only: false },
  { weight: 50, failover_only: true },
];

describe('a match', () => {
  it('is told in words', () => {
    expect(describeMatch({ match })).toEqual(['from @yourapp.com', 'tag newsletter']);
    expect(partsOf({ match })).toBe(2);
  });
});

describe('shares', () => {
  it('are the weights’ parts of their sum, without those that only step in', () => {
    expect(sharesOf('weighted', members)).toEqual([0.7, 0.3, null]);
  });

  it('are even in turns', () => {
    expect(sharesOf('round_robin', members)).toEqual([0.5, 0.5, null]);
  });

  it('are none where mail goes in order', () => {
    expect(sharesOf('priority', members)).toEqual([null, null, null]);
  });

  it('are nothing of nothing', () => {
    expect(sharesOf('weighted', [{ weight: 0, failover_only: false }])).toEqual([0]);
  });
});
