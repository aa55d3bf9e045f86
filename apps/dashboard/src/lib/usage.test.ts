import type { UsageStat } from '@courierx/contract';
import { describe, expect, it } from 'vitest';
import { NO_COUNTS, ratesOf, sumByDay, sumByProvider, sumCounts } from './usage.ts';

const stat = (date: string, provider: UsageStat['provider'], counts: Partial<UsageStat>) => ({
  ...{ date, provider, ...NO_COUNTS },
  ...counts,
});

const STATS = [
  stat('2026-03-01', 'smtp', { sent: 4, delivered: 3, bounced: 1 }),
  stat('2026-03-01', 'sendgrid', { sent: 10, delivered: 9, opened: 3 }),
  stat('2026-03-03', 'smtp', { sent: 2, delivered: 1 }),
  stat('2026-03-03', null, { suppressed: 5 }),
];

describe('figures of usage', () => {
  it('sums each day of the range, also those without mail', () => {
    const days = sumByDay(STATS, { from: '2026-03-01', to: '2026-03-03' });
    expect(days.map(({ date, sent, suppressed }) => [date, sent, suppressed])).toEqual([
      ['2026-03-01', 14, 0],
      ['2026-03-02', 0, 0],
      ['2026-03-03', 2, 5],
    ]);
  });

  it('compares the providers that were asked, the busiest first', () => {
    const rows = sumByProvider(STATS).map(({ provider, sent }) => [provider, sent]);
    expect(rows).toEqual([
      ['sendgrid', 10],
      ['smtp', 6],
    ]);
  });

  it('takes opens as a share of what was delivered, bounces of what was sent', () => {
    const { delivered, bounced, opened } = ratesOf(sumCounts(STATS));
    expect([delivered, bounced, opened]).toEqual([13 / 16, 1 / 16, 3 / 13]);
    expect(ratesOf(NO_COUNTS).opened).toBe(0);
  });
});
