import { expect, test } from 'vitest';
import { MISSING_GRACE_MS, nextStatus, type DomainState } from './next-status.ts';

const NOW = new Date('2026-03-22T10:00:00Z');
const HOUR_MS = 3_600_000;
const later = (ms: number) => new Date(NOW.getTime() + ms);
const pending: DomainState = {
  status: 'pending',
  verifiedAt: null,
  missingSince: null,
  checkTries: 0,
};
const verified: DomainState = { ...pending, status: 'verified', verifiedAt: later(-HOUR_MS) };

test('a token seen verifies at once, and again keeps the first time', () => {
  expect(nextStatus(pending, 'found', NOW)).toMatchObject({ status: 'verified', verifiedAt: NOW });
  expect(nextStatus(verified, 'found', NOW).verifiedAt).toEqual(verified.verifiedAt);
});

test('a verified domain loses its status only when the token stays away', () => {
  let state: DomainState = verified;
  const path: string[] = [];
  for (let ms = 0; ms <= MISSING_GRACE_MS; ms += HOUR_MS) {
    const next = nextStatus(state, 'missing', later(ms));
    path.push(next.status);
    state = next;
  }
  expect(path).toEqual([...Array<string>(6).fill('verified'), 'pending']);
  expect(state).toMatchObject({ verifiedAt: null, missingSince: null });
});

test('no answer never costs the status, however long', () => {
  let state: DomainState = verified;
  for (let day = 0; day < 30; day += 1) {
    const next = nextStatus(state, 'unreachable', later(day * 24 * HOUR_MS));
    expect(next.status).toBe('verified');
    expect(next.nextCheckAt).toEqual(later(day * 24 * HOUR_MS + HOUR_MS));
    state = next;
  }
});

test('a token that comes back starts the wait anew', () => {
  const missing = nextStatus(verified, 'missing', NOW);
  const back = nextStatus(missing, 'found', later(HOUR_MS));
  expect(back.missingSince).toBeNull();
  expect(nextStatus(back, 'missing', later(MISSING_GRACE_MS)).status).toBe('verified');
});

test('one that is waited for is looked for often at first, then once a day', () => {
  let state: DomainState = pending;
  const waits: number[] = [];
  for (let look = 0; look < 20; look += 1) {
    const next = nextStatus(state, 'missing', NOW);
    waits.push((next.nextCheckAt.getTime() - NOW.getTime()) / 60_000);
    state = next;
  }
  expect(waits.slice(0, 8)).toEqual([1, 1, 1, 1, 1, 2, 4, 8]);
  expect(waits.at(-1)).toBe(24 * 60);
});
