import { describe, expect, it } from 'vitest';
import type { Outcome } from '../outcome.ts';
import { isKeyRemembered, toSettlement } from './settlement.ts';

const base = { detail: 'words', statusCode: 400 };
const failed = (
  scope: Extract<Outcome, { kind: 'failed' }>['scope'],
  reason: Extract<Outcome, { kind: 'failed' }>['reason'],
  retryAfterMs: number | null = null,
): Outcome => ({ ...base, kind: 'failed', scope, reason, retryAfterMs });
const unknown = (detail: string): Outcome => ({
  ...base,
  kind: 'unknown',
  reason: 'unreadable_response',
  detail,
});

describe('the same request, made again,', () => {
  it('that is accepted says that the mail left', () => {
    const outcome: Outcome = {
      ...base,
      kind: 'accepted',
      providerMessageId: 'id',
      recipientFaults: [],
      events: [],
    };
    expect(toSettlement(outcome)).toEqual({ kind: 'accepted', outcome });
  });

  it.each<[Outcome, string]>([
    [{ ...base, kind: 'rejected', scope: 'message', reason: 'invalid_message' }, 'not_sent'],
    [{ ...base, kind: 'rejected', scope: 'recipient', reason: 'invalid_recipient' }, 'not_sent'],
    [failed('message', 'too_large'), 'not_sent'],
    [unknown('concurrent_idempotent_requests: busy'), 'ask_again'],
    [unknown('connection reset'), 'ask_again'],
    [unknown('invalid_idempotent_request: another body'), 'not_known'],
    [failed('provider', 'server_error'), 'ask_again'],
    [failed('provider', 'connect_failed'), 'ask_again'],
    [failed('provider', 'rate_limited', 3_000), 'ask_again'],
    [failed('connection', 'quota_exceeded', 60_000), 'ask_again'],
    [failed('connection', 'auth_failed'), 'not_known'],
    [failed('connection', 'sender_not_verified'), 'not_known'],
  ])('that is %j says: %s', (outcome, kind) => {
    expect(toSettlement(outcome)).toMatchObject({ kind });
  });

  it('waits as long as Resend asks for', () => {
    const limited = failed('provider', 'rate_limited', 3_000);
    expect(toSettlement(limited)).toMatchObject({ afterMs: 3_000 });
  });
});

it.each([
  [0, true],
  [22, true],
  [23, false],
  [48, false],
])('a key of %i hours ago is remembered: %s', (hours, expected) => {
  const now = new Date('2026-11-23T10:00:00Z');
  expect(isKeyRemembered(new Date(now.getTime() - hours * 3_600_000), now)).toBe(expected);
});
