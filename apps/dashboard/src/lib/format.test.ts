import { afterEach, describe, expect, it } from 'vitest';
import { startOfDay } from './format.ts';

const before = process.env['TZ'];

describe('the start of a day', () => {
  afterEach(() => {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  });

  it.each([
    { zone: 'UTC', day: '2026-03-22', later: 0, start: '2026-03-22T00:00:00.000Z' },
    { zone: 'Asia/Tokyo', day: '2026-03-22', later: 0, start: '2026-03-21T15:00:00.000Z' },
    { zone: 'America/New_York', day: '2026-03-22', later: 1, start: '2026-03-23T04:00:00.000Z' },
    // The clocks go forward on the 29th: that day has 23 hours.
    { zone: 'Europe/Berlin', day: '2026-03-29', later: 0, start: '2026-03-28T23:00:00.000Z' },
    { zone: 'Europe/Berlin', day: '2026-03-29', later: 1, start: '2026-03-29T22:00:00.000Z' },
    { zone: 'UTC', day: '2026-12-31', later: 1, start: '2027-01-01T00:00:00.000Z' },
  ])('in $zone, of $day and $later later, is $start', ({ zone, day, later, start }) => {
    process.env['TZ'] = zone;
    expect(startOfDay(day, later)).toBe(start);
  });

  it('is no matter of what is no day: the server says so', () => {
    expect(startOfDay('soon')).toBe('soon');
    expect(startOfDay('2026-13-40', 1)).toBe('2026-13-40');
  });
});
