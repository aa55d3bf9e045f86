import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProviderAnswer } from '../http.ts';
import { FAULT_REASONS } from '../outcome.ts';
import { toOutcome, type SendContext } from './response.ts';

const API_KEY = 'SG.secret-part.of-the-key';
const now = new Date('2026-03-22T10:30:00Z');
const context: SendContext = {
  now,
  apiKey: API_KEY,
  recipients: ['Ada@example.com', 'cc@example.com'],
  personalization: { to: [{ email: 'Ada@example.com' }], cc: [{ email: 'cc@example.com' }] },
};

type Fault = { message: string; field?: string | null };

function answer(status: number, errors: Fault[] | null, headers = {}): ProviderAnswer {
  const body = errors === null ? '' : JSON.stringify({ errors });
  const type = { 'content-type': 'application/json; charset=utf-8' };
  return { kind: 'answer', status, headers: { ...type, ...headers }, body };
}
const says = (message: string, field: string | null = null) => [{ message, field }];

describe('an accepted mail', () => {
  it('has the id SendGrid gave it', () => {
    const outcome = toOutcome(
      answer(202, null, { 'x-message-id': 'LRzXl_NHStOGhQ4kofSm_A' }),
      context,
    );
    expect(outcome).toEqual({
      kind: 'accepted',
      providerMessageId: 'LRzXl_NHStOGhQ4kofSm_A',
      detail: 'HTTP 202',
      statusCode: 202,
      recipientFaults: [],
      events: [],
    });
  });

  it.each([202, 200, 204])('is accepted with status %i and no id', (status) => {
    const outcome = toOutcome(answer(status, null), context);
    expect(outcome).toMatchObject({ kind: 'accepted', providerMessageId: null });
  });
});

describe('a refusal', () => {
  it.each([
    [401, 'The provided authorization grant is invalid, expired, or revoked', 'auth_failed'],
    [401, 'authorization required', 'auth_failed'],
    [401, 'Authenticated user is not authorized to send mail', 'not_permitted'],
    [401, "The requestor's IP Address is not whitelisted", 'misconfigured'],
    [401, 'Maximum credits exceeded', 'quota_exceeded'],
    [401, 'Your account has been suspended', 'suspended'],
    [
      403,
      'The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved.',
      'sender_not_verified',
    ],
    [403, 'access forbidden', 'not_permitted'],
    [403, 'The account is frozen', 'suspended'],
    [404, 'Not Found', 'misconfigured'],
    [405, 'method not allowed', 'misconfigured'],
    [406, 'Not Acceptable', 'misconfigured'],
    [415, 'unsupported', 'misconfigured'],
  ])('%i "%s" is the fault of the connection: %s', (status, message, reason) => {
    expect(toOutcome(answer(status, says(message)), context)).toEqual({
      kind: 'failed',
      scope: 'connection',
      reason,
      detail: message,
      statusCode: status,
      retryAfterMs: null,
    });
  });

  it.each([500, 502, 503, 520])('%i is the fault of the provider', (status) => {
    expect(toOutcome(answer(status, null), context)).toMatchObject({
      kind: 'failed',
      scope: 'provider',
      reason: 'server_error',
      detail: `HTTP ${status}`,
    });
  });

  it.each([301, 302, 307, 308])('%i leads away from SendGrid', (status) => {
    const location = { location: 'https://elsewhere.example' };
    expect(toOutcome(answer(status, null, location), context)).toMatchObject({
      kind: 'failed',
      scope: 'connection',
      reason: 'misconfigured',
    });
  });

  it('413 in the HTML of a proxy leaves the mail to a provider that carries more', () => {
    const html = { kind: 'answer', status: 413, headers: { 'content-type': 'text/html' } } as const;
    expect(toOutcome({ ...html, body: '<h1>413 Too Large</h1>' }, context)).toMatchObject({
      kind: 'failed',
      scope: 'message',
      reason: 'too_large',
      detail: 'HTTP 413',
    });
  });

  it.each([
    [says('The subject is required.', 'subject')],
    [says('Bad Request')],
    [says('The from object must be provided', 'from.email')],
    [
      [
        ...says('Does not contain a valid address.', 'personalizations.0.to.0.email'),
        ...says('The subject is required.', 'subject'),
      ],
    ],
  ])('400 with %j is final for the message', (errors) => {
    expect(toOutcome(answer(400, errors), context)).toMatchObject({
      kind: 'rejected',
      scope: 'message',
      reason: 'invalid_message',
    });
  });

  it('400 that is not in the words of SendGrid leaves the mail to another connection', () => {
    const proxied = { kind: 'answer', status: 400, headers: {}, body: '<h1>Bad Request</h1>' };
    expect(toOutcome(proxied as ProviderAnswer, context)).toMatchObject({
      kind: 'failed',
      scope: 'message',
      reason: 'invalid_message',
    });
  });

  const badTo = says('Does not contain a valid address.', 'personalizations.0.to.0.email');
  const badCc = says('Does not contain a valid address.', 'personalizations.0.cc.0.email');

  it('400 for one address is final for that one and frees the others', () => {
    expect(toOutcome(answer(400, badTo), context)).toMatchObject({
      kind: 'failed',
      scope: 'recipient',
      reason: 'invalid_recipient',
      recipientFaults: [
        { address: 'Ada@example.com', kind: 'rejected', reason: 'invalid_recipient' },
      ],
    });
  });

  it.each([
    ['every address', [...badTo, ...badCc]],
    ['an address it does not name', says('no valid address', 'personalizations.0.to')],
  ])('400 for %s is final for all', (_, errors) => {
    expect(toOutcome(answer(400, errors), context)).toMatchObject({
      kind: 'rejected',
      scope: 'recipient',
      reason: 'invalid_recipient',
    });
  });
});

describe('a rate limit', () => {
  const seconds = now.getTime() / 1000;

  it.each([
    [{ 'x-ratelimit-reset': String(seconds + 7) }, 7_000],
    [{ 'retry-after': '3', 'x-ratelimit-reset': String(seconds + 7) }, 3_000],
    [{ 'retry-after': 'Sun, 22 Mar 2026 10:30:05 GMT' }, 5_000],
    [{ 'x-ratelimit-reset': String(seconds - 10) }, 1_000],
    [{ 'x-ratelimit-reset': String(seconds + 100_000) }, 3_600_000],
    [{ 'retry-after': '999999' }, 3_600_000],
    [{ 'retry-after': 'soon' }, 1_000],
    [{}, 1_000],
  ])('with %j asks for %i ms', (headers, retryAfterMs) => {
    const outcome = toOutcome(answer(429, says('too many requests'), headers), context);
    expect(outcome).toMatchObject({
      kind: 'failed',
      scope: 'provider',
      reason: 'rate_limited',
      retryAfterMs,
    });
  });
});

describe('the detail', () => {
  it('names the field, stays on one line and never shows the key', () => {
    const errors = says(`key ${API_KEY} is\r\nbad`, 'from.email');
    const { detail } = toOutcome(answer(400, errors), context);
    expect(detail).toBe('from.email: key [redacted] is bad');
  });

  it('is bounded', () => {
    const { detail } = toOutcome(answer(400, says('x'.repeat(5_000))), context);
    expect(detail).toHaveLength(500);
  });
});

it('makes an outcome of whatever comes', () => {
  fc.assert(
    fc.property(
      fc.record({
        status: fc.integer({ min: 100, max: 999 }),
        body: fc.oneof(
          fc.json(),
          fc.string(),
          fc.jsonValue().map((value) => JSON.stringify({ errors: value })),
        ),
        headers: fc.dictionary(
          fc.constantFrom('content-type', 'retry-after', 'x-ratelimit-reset'),
          fc.string(),
        ),
        isJson: fc.boolean(),
      }),
      ({ status, body, headers, isJson }) => {
        const type = isJson ? { 'content-type': 'application/json' } : {};
        const outcome = toOutcome(
          { kind: 'answer', status, headers: { ...headers, ...type }, body },
          context,
        );
        expect(outcome.detail.length).toBeLessThanOrEqual(500);
        if (outcome.kind !== 'accepted') expect(FAULT_REASONS).toContain(outcome.reason);
        if (outcome.kind === 'failed' && outcome.retryAfterMs !== null) {
          expect(outcome.retryAfterMs).toBeGreaterThanOrEqual(1_000);
        }
      },
    ),
    { numRuns: 1000 },
  );
});
