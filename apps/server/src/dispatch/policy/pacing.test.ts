import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loweredRate, nextTurn, paceOf, restMs, tokensToTake, type Limits } from './pacing.ts';

const NONE: Limits = {
  ...{ maxPerSecond: null, maxPerDay: null, maxPerMonth: null },
  learnedPerSecond: null,
};
const now = new Date('2026-01-01T00:00:00Z');
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000);

describe('the pace of a connection', () => {
  it('is none without a limit, so that its mail pays nothing', () => {
    expect(paceOf(NONE, null, now)).toBeNull();
  });

  it("is the lower of its owner's cap and just under what the provider says", () => {
    expect(paceOf({ ...NONE, learnedPerSecond: 100 }, null, now)?.perSecond).toBeCloseTo(97);
    expect(paceOf({ ...NONE, learnedPerSecond: 100, maxPerSecond: 5 }, null, now)?.perSecond).toBe(
      5,
    );
    expect(paceOf({ ...NONE, maxPerDay: 9 }, null, now)).toEqual({
      ...{ perSecond: null, perDay: 9, perMonth: null },
    });
  });

  it('is lowered by a refusal and comes back to the limit slowly', () => {
    const limits = { ...NONE, maxPerSecond: 10 };
    const rate = loweredRate(limits, { throttle: null, observed: 0, now });
    expect(rate).toBe(9);
    expect(paceOf(limits, { rate, at: ago(1) }, now)?.perSecond).toBeCloseTo(9.2);
    expect(paceOf(limits, { rate, at: ago(60) }, now)?.perSecond).toBe(10);
  });

  it('is found from what was sent where no limit is known, and forgotten after a while', () => {
    const rate = loweredRate(NONE, { throttle: null, observed: 100, now });
    expect(rate).toBeCloseTo(70);
    expect(paceOf(NONE, { rate, at: ago(10) }, now)?.perSecond).toBeCloseTo(84);
    expect(paceOf(NONE, { rate, at: ago(601) }, now)).toBeNull();
  });

  it('never falls to a standstill and never exceeds a known limit', () => {
    const positive = fc.double({ min: 0.01, max: 10_000, noNaN: true });
    fc.assert(
      fc.property(positive, positive, fc.nat(1_000), (limit, found, seconds) => {
        const limits = { ...NONE, maxPerSecond: limit };
        const throttle = { rate: found, at: ago(seconds) };
        const pace = paceOf(limits, throttle, now)?.perSecond ?? Infinity;
        expect(pace).toBeLessThanOrEqual(limit);
        expect(loweredRate(limits, { throttle, observed: 0, now })).toBeGreaterThanOrEqual(0.5);
      }),
    );
  });
});

describe('tokens', () => {
  it('are taken ahead where mails are many, but never where they are counted', () => {
    const fast = { perSecond: 1_000, perDay: null, perMonth: null };
    expect(tokensToTake(fast, 3)).toBe(50);
    expect(tokensToTake({ ...fast, perSecond: 14 }, 3)).toBe(3);
    expect(tokensToTake({ ...fast, perDay: 10 }, 3)).toBe(3);
  });

  it('leave a short rest where the provider names no time', () => {
    expect(restMs(NONE, null)).toBe(1_000);
    expect(restMs({ ...NONE, maxPerSecond: 20 }, null)).toBe(100);
    expect(restMs({ ...NONE, maxPerSecond: 20 }, 7_000)).toBe(7_000);
  });
});

describe('the line of mails that wait for a token', () => {
  it('calls them in order, at twice the rate or more, and none much later than a quarter of an hour', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.5, max: 1_000, noNaN: true }),
        fc.integer({ min: 1, max: 400 }),
        (perSecond, mails) => {
          let lineEndsAtMs = 0;
          let last = 0;
          for (let index = 0; index < mails; index += 1) {
            const turn = nextTurn(perSecond, { nowMs: 1_000, waitMs: 50, lineEndsAtMs });
            lineEndsAtMs = turn.lineEndsAtMs;
            expect(turn.delayMs).toBeGreaterThanOrEqual(Math.max(50, last));
            expect(turn.delayMs).toBeLessThanOrEqual(50 + 15 * 60_000);
            last = turn.delayMs;
          }
          expect(last).toBeLessThanOrEqual(50 + (mails * 1000) / (2 * perSecond) + 1);
        },
      ),
    );
  });
});
