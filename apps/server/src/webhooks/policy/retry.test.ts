import { describe, expect, test } from 'vitest';
import { judgeReply, RETRY_SCHEDULE, type Reply } from './retry.ts';

const HOUR = 3_600_000;
const judge = (reply: Partial<Reply>, tries = 1, random = 0.5) =>
  judgeReply(
    { status: null, retryAfterMs: null, ...reply },
    { tries, schedule: RETRY_SCHEDULE, random: () => random },
  );

describe('judgeReply', () => {
  test.each([200, 201, 204, 299])('%i is success', (status) => {
    expect(judge({ status })).toEqual({ kind: 'succeeded' });
  });

  test.each([null, 301, 307, 400, 401, 404, 429, 500, 503])('%s is tried again', (status) => {
    expect(judge({ status })).toEqual({ kind: 'retry', delayMs: 5_000 });
  });

  test('410 ends it at once', () => {
    expect(judge({ status: 410 })).toEqual({ kind: 'failed', isGone: true });
  });

  test('waits grow, vary by a fifth, and end after about a day', () => {
    const waits = (random: number) => {
      const all: number[] = [];
      for (let tries = 1; ; tries += 1) {
        const verdict = judge({ status: 500 }, tries, random);
        if (verdict.kind !== 'retry') return { all, verdict };
        all.push(verdict.delayMs);
      }
    };
    const { all, verdict } = waits(0.5);
    expect(verdict).toEqual({ kind: 'failed', isGone: false });
    expect(all).toEqual([...all].sort((a, b) => a - b));
    for (const random of [0, 0.999]) {
      const total = waits(random).all.reduce((sum, ms) => sum + ms, 0);
      expect(total).toBeGreaterThan(RETRY_SCHEDULE.disableAfterMs);
      expect(total).toBeLessThan(30 * HOUR);
    }
    expect([judge({}, 1, 0), judge({}, 1, 1)]).toEqual([
      { kind: 'retry', delayMs: 4_000 },
      { kind: 'retry', delayMs: 6_000 },
    ]);
  });

  test('Retry-After lengthens a wait, never shortens it, up to a bound', () => {
    expect(judge({ status: 429, retryAfterMs: 90_000 })).toMatchObject({ delayMs: 90_000 });
    expect(judge({ status: 429, retryAfterMs: 1 })).toMatchObject({ delayMs: 5_000 });
    expect(judge({ status: 503, retryAfterMs: 1e12 })).toMatchObject({ delayMs: 8 * HOUR });
  });
});
