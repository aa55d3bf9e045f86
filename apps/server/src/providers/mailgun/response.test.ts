import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProviderAnswer } from '../http.ts';
import { FAULT_REASONS } from '../outcome.ts';
import { toOutcome, type SendContext } from './response.ts';

const API_KEY = 'key-3ax6xnjp29jd6fds4gc373sgvjxteol0';
const now = new Date('2026-03-22T10:30:00Z');
const context: SendContext = { now, apiKey: API_KEY, recipients: ['ada@example.com'] };

function says(status: number, message: string, headers = {}): ProviderAnswer {
  const type = { 'content-type': 'application/json' };
  const body = JSON.stringify({ message });
  return { kind: 'answer', status, headers: { ...type, ...headers }, body };
}

function text(status: number, body: string, type = 'text/plain'): ProviderAnswer {
  return { kind: 'answer', status, headers: { 'content-type': type }, body };
}

describe('an accepted mail', () => {
  it('has the id without its brackets', () => {
    const body = JSON.stringify({
      id: '<2026.1.AB@mg.shop.example>',
      message: 'Queued. Thank you.',
    });
    const outcome = toOutcome({ kind: 'answer', status: 200, headers: {}, body }, context);
    expect(outcome).toEqual({
      kind: 'accepted',
      providerMessageId: '2026.1.AB@mg.shop.example',
      detail: 'Queued. Thank you.',
      statusCode: 200,
      recipientFaults: [],
      events: [],
    });
  });

  it.each(['Mailgun Magnificent API', '<html>Mailgun Magnificent API</html>'])(
    'is not what is greeted with 200 %s',
    (body) => {
      expect(toOutcome(text(200, body), context)).toMatchObject({
        kind: 'failed',
        scope: 'connection',
        reason: 'misconfigured',
      });
    },
  );

  it.each([
    '',
    'OK',
    '{}',
    '[]',
    'null',
    '{"id":"<a@b>"}',
    '{"message":"Queued. Thank you."}',
    '{"id":7,"message":"Queued. Thank you."}',
    '{"id":"<a@b>","message":"Other"}',
  ])('may or may not be what is answered with 200 and %j', (body) => {
    expect(toOutcome(text(200, body), context)).toMatchObject({
      kind: 'unknown',
      reason: 'unreadable_response',
    });
  });
});

describe('a refusal', () => {
  const notAllowed = 'Domain mg.x.test is not allowed to send:';

  it.each([
    [401, 'Forbidden', 'auth_failed'],
    [401, 'Invalid private key', 'auth_failed'],
    [402, 'Request failed', 'quota_exceeded'],
    [403, `${notAllowed} Your account has been suspended`, 'suspended'],
    [403, 'not allowed to send large batches yet', 'not_permitted'],
    [403, "Rejected: IP 203.0.113.9 can't be used", 'not_permitted'],
    [404, 'Domain not found: mg.x.test', 'misconfigured'],
    [400, `${notAllowed} Sandbox subdomains are for test purposes only.`, 'not_permitted'],
    [400, `${notAllowed} Free accounts are for test purposes only.`, 'not_permitted'],
    [400, `${notAllowed} The domain is unverified and requires DNS`, 'sender_not_verified'],
    [400, `${notAllowed} Please activate your Mailgun account.`, 'not_permitted'],
    [400, `${notAllowed} Domain is disabled`, 'suspended'],
    [400, 'x.test is not a valid secondary dkim domain name', 'misconfigured'],
    [301, 'Moved', 'misconfigured'],
    [405, 'Method not allowed', 'misconfigured'],
  ])('%i "%s" is the fault of the connection: %s', (status, message, reason) => {
    expect(toOutcome(says(status, message), context)).toEqual({
      kind: 'failed',
      scope: 'connection',
      reason,
      detail: message,
      statusCode: status,
      retryAfterMs: null,
    });
  });

  it.each([500, 502, 503, 408])('%i is the fault of the provider', (status) => {
    expect(toOutcome(text(status, '<h1>No</h1>', 'text/html'), context)).toMatchObject({
      kind: 'failed',
      scope: 'provider',
      reason: 'server_error',
      detail: `HTTP ${status}`,
    });
  });

  it('413 leaves the mail to a provider that carries more', () => {
    const message = 'request size exceeds 52.4MiB limit';
    expect(toOutcome(says(413, message), context)).toMatchObject({
      kind: 'failed',
      scope: 'message',
      reason: 'too_large',
    });
  });

  it.each([
    'from parameter is not a valid address. please check documentation',
    "Need at least one of 'text', 'html', 'amp-html' or 'template' parameters specified",
    'Send options (parameters starting with o:, h:, v:, or t:) are limited to 16 kB total',
    'Too many recipients, max is 1000',
    'Header name must be pure ASCII',
    "'recipient-variables' parameter is not a valid JSON",
    'malformed multipart',
  ])('400 "%s" is final for the message', (message) => {
    expect(toOutcome(says(400, message), context)).toMatchObject({
      kind: 'rejected',
      scope: 'message',
      reason: 'invalid_message',
    });
  });

  it('400 that is not in the words of Mailgun leaves the mail to another connection', () => {
    expect(toOutcome(text(400, '<h1>Bad Request</h1>', 'text/html'), context)).toMatchObject({
      kind: 'failed',
      scope: 'message',
      reason: 'invalid_message',
    });
  });

  it.each(['to', 'cc', 'bcc', "'to'"])('400 for a bad address (%s) is final for one', (name) => {
    const answer = says(
      400,
      `${name} parameter is not a valid address. please check documentation`,
    );
    expect(toOutcome(answer, context)).toMatchObject({
      kind: 'rejected',
      scope: 'recipient',
      reason: 'invalid_recipient',
    });
    // Which of several it is, is not said: the others must not fail with it.
    const two = { ...context, recipients: ['a@x.test', 'b@x.test'] };
    expect(toOutcome(answer, two)).toMatchObject({
      kind: 'failed',
      scope: 'recipient',
      reason: 'invalid_recipient',
    });
  });
});

describe('a rate limit', () => {
  const seconds = now.getTime() / 1000;
  const limit = 'Domain mg.x.test is not allowed to send: request limit exceeded, try again after';

  it.each([
    [420, `${limit} Sun, 22 Mar 2026 10:31:31 UTC`, {}, 91_000],
    [429, `${limit} 120 seconds`, {}, 120_000],
    [429, `${limit} 1 second.`, {}, 1_000],
    [400, `${limit} 120 seconds`, {}, 120_000],
    [429, 'Too many', { 'x-ratelimit-reset': `${seconds + 7}.5` }, 7_000],
    [429, 'Too many', { 'retry-after': '3' }, 3_000],
    [429, 'Too many', {}, 60_000],
    [429, `${limit} Mon, 30 Mar 2026 10:31:31 UTC`, {}, 3_600_000],
    [429, `${limit} Sun, 22 Mar 2020 10:31:31 UTC`, {}, 1_000],
  ])('%i "%s" with %j asks for %i ms', (...row) => {
    const [status, message, headers, retryAfterMs] = row;
    expect(toOutcome(says(status, message, headers), context)).toMatchObject({
      kind: 'failed',
      scope: 'provider',
      reason: 'rate_limited',
      retryAfterMs,
    });
  });
});

it('never shows the key', () => {
  const { detail } = toOutcome(says(400, `key ${API_KEY} is\r\nbad`), context);
  expect(detail).toBe('key [redacted] is bad');
});

it('makes an outcome of whatever comes', () => {
  fc.assert(
    fc.property(
      fc.record({
        status: fc.integer({ min: 100, max: 999 }),
        body: fc.oneof(
          fc.json(),
          fc.string(),
          fc.string().map((value) => JSON.stringify({ message: `try again after ${value}` })),
          fc.jsonValue().map((value) => JSON.stringify({ message: value, id: value })),
        ),
        headers: fc.dictionary(
          fc.constantFrom('content-type', 'retry-after', 'x-ratelimit-reset'),
          fc.string(),
        ),
      }),
      ({ status, body, headers }) => {
        const outcome = toOutcome({ kind: 'answer', status, headers, body }, context);
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
