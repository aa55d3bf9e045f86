import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Failed, Outcome } from '../../providers/outcome.ts';
import {
  addEntry,
  judge,
  nextOpening,
  shouldOpen,
  shouldOpenReceiver,
  type Entry,
  type Tally,
} from './breaker.ts';
import { EVERY_RECEIVER, receiverOf, receiversOf } from './receiver.ts';

const base = { detail: 'words', statusCode: null };
const failed = (over: Partial<Failed>): Failed => ({
  ...{ ...base, kind: 'failed', scope: 'provider', reason: 'server_error', retryAfterMs: null },
  ...over,
});

describe('what an outcome says of a connection', () => {
  it.each<[string, Outcome]>([
    [
      'an acceptance',
      { ...base, kind: 'accepted', providerMessageId: null, recipientFaults: [], events: [] },
    ],
    [
      'a refused recipient',
      { ...base, kind: 'rejected', scope: 'recipient', reason: 'invalid_recipient' },
    ],
    [
      'a refused message',
      { ...base, kind: 'rejected', scope: 'message', reason: 'invalid_message' },
    ],
    ['a deferred recipient', failed({ scope: 'recipient', reason: 'recipient_deferred' })],
    ['a message too large for it', failed({ scope: 'message', reason: 'too_large' })],
  ])('%s is a sign of health', (_, outcome) => {
    expect(judge(outcome, 'smtp')).toEqual({ kind: 'healthy' });
    expect(judge(outcome, 'sendgrid')).toEqual({ kind: 'healthy' });
  });

  it('a sender that is not verified says nothing: other senders may be', () => {
    const outcome = failed({ scope: 'connection', reason: 'sender_not_verified' });
    expect(judge(outcome, 'sendgrid')).toEqual({ kind: 'neutral' });
  });

  it('a relay may speak for the server behind it, an API for itself', () => {
    for (const reason of ['server_error', 'not_permitted'] as const) {
      expect(judge(failed({ reason }), 'smtp')).toMatchObject({ kind: 'fault', isWhole: false });
      expect(judge(failed({ reason }), 'sendgrid')).toMatchObject({ isWhole: true });
    }
    const refused = failed({ reason: 'connect_failed' });
    expect(judge(refused, 'smtp')).toMatchObject({ kind: 'fault', isWhole: true, lastsMs: null });
  });

  it('a short wait is pacing, a long one an outage', () => {
    const reason = 'rate_limited';
    expect(judge(failed({ reason, retryAfterMs: 2_000 }), 'sendgrid')).toEqual({
      kind: 'throttled',
      retryAfterMs: 2_000,
    });
    expect(judge(failed({ reason, retryAfterMs: 3_600_000 }), 'sendgrid')).toMatchObject({
      kind: 'fault',
      lastsMs: 3_600_000,
    });
  });

  it('no answer is a fault', () => {
    const outcome: Outcome = { ...base, kind: 'unknown', reason: 'response_timeout' };
    expect(judge(outcome, 'smtp')).toMatchObject({ kind: 'fault', isWhole: true });
  });
});

const entries = (...faults: (string | null)[]): Tally =>
  faults.reduce<Tally>(
    (tally, fault, index) => addEntry(tally, { atMs: index, emailId: `mail ${index}`, fault }),
    [],
  );

describe('a breaker', () => {
  const all = EVERY_RECEIVER;

  it('opens after five mails in a row met a fault', () => {
    expect(shouldOpen(entries(all, all, all, all))).toBe(false);
    expect(shouldOpen(entries(all, all, all, all, all))).toBe(true);
    expect(shouldOpen(entries(all, all, all, all, null, all))).toBe(false);
  });

  it('opens when half of the last twenty mails met one', () => {
    const pair = [all, null];
    expect(shouldOpen(entries(...Array.from({ length: 9 }, () => pair).flat()))).toBe(false);
    expect(shouldOpen(entries(...Array.from({ length: 10 }, () => pair).flat()))).toBe(true);
  });

  it('stays closed whatever happens to one mail alone', () => {
    const arbitrary = fc.array(fc.constantFrom('*', 'gmail', null), { maxLength: 60 });
    fc.assert(
      fc.property(arbitrary, (faults) => {
        const tally = faults.reduce<Tally>(
          (before, fault, atMs) => addEntry(before, { atMs, emailId: 'the one', fault }),
          [],
        );
        return !shouldOpen(tally) && !shouldOpenReceiver(tally);
      }),
    );
  });

  it('stays closed for all while one receiver alone fails, and opens for that one', () => {
    const tally = entries(...Array.from({ length: 20 }, () => 'example.com'));
    expect(shouldOpen(tally)).toBe(false);
    expect(shouldOpenReceiver(tally)).toBe(true);
    expect(shouldOpen(entries('a.com', 'b.com', 'a.com', 'b.com', 'a.com'))).toBe(true);
  });

  it('keeps no record of a healthy connection, and only a short one of another', () => {
    const arbitrary = fc.array(
      fc.record({
        atMs: fc.integer({ min: 0, max: 300_000 }),
        emailId: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
        fault: fc.constantFrom<Entry['fault']>('*', 'gmail', null),
      }),
    );
    fc.assert(
      fc.property(arbitrary, (list) => {
        const sorted = list.toSorted((a, b) => a.atMs - b.atMs);
        const tally = sorted.reduce<Tally>(addEntry, []);
        expect(tally.length).toBeLessThanOrEqual(20);
        if (sorted.every(({ fault }) => fault === null)) expect(tally).toEqual([]);
      }),
    );
  });

  it('forgets faults of more than a minute ago', () => {
    const old = entries(all, all, all, all);
    const tally = addEntry(old, { atMs: 61_000, emailId: 'new', fault: all });
    expect(shouldOpen(tally)).toBe(false);
  });
});

describe('how long it stays open', () => {
  const now = new Date('2026-01-01T00:00:00Z');
  const half = () => 0.5;
  const before = (openings: number, closedMinutesAgo: number) => ({
    ...{ state: 'closed' as const, openings },
    since: new Date(now.getTime() - closedMinutesAgo * 60_000),
  });

  it('grows with each opening and begins anew after a long quiet', () => {
    const open = (last: ReturnType<typeof before> | null) =>
      nextOpening(last, { now, lastsMs: null, random: half });
    expect(open(null)).toEqual({ openings: 1, openMs: 15_000 });
    expect(open(before(1, 1))).toEqual({ openings: 2, openMs: 30_000 });
    expect(open(before(3, 1))).toEqual({ openings: 4, openMs: 120_000 });
    expect(open(before(50, 1))).toEqual({ openings: 51, openMs: 600_000 });
    expect(open(before(3, 11))).toEqual({ openings: 1, openMs: 15_000 });
  });

  it('is never shorter than the fault is known to last', () => {
    fc.assert(
      fc.property(
        fc.nat(4_000_000),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (lastsMs, chance) => {
          const { openMs } = nextOpening(null, { now, lastsMs, random: () => chance });
          return openMs >= lastsMs && openMs >= 12_000;
        },
      ),
    );
  });
});

describe('who takes the mail for an address', () => {
  it('is a known mail service or the domain', () => {
    expect(receiverOf('a@GoogleMail.com')).toBe('gmail');
    expect(receiverOf('a@hotmail.co.uk')).toBe('microsoft');
    expect(receiverOf('"a@b"@shop.example')).toBe('shop.example');
    expect(receiversOf(['a@gmail.com', 'b@googlemail.com', 'c@shop.example'])).toEqual([
      'gmail',
      'shop.example',
    ]);
  });
});
