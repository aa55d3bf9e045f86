import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProviderAnswer } from '../http.ts';
import { FAULT_REASONS } from '../outcome.ts';
import { toOutcome } from './response.ts';

const API_KEY = 're_secret_part_of_the_key';
const now = new Date('2026-03-22T10:30:00Z');
const context = { now, apiKey: API_KEY };

function answer(
  status: number,
  error: { name?: string; message?: string } | string | null,
  headers = {},
): ProviderAnswer {
  const body =
    error === null
      ? ''
      : typeof error === 'string'
        ? error
        : JSON.stringify({ statusCode: status, ...error });
  return { kind: 'answer', status, headers, body };
}

describe('an accepted mail', () => {
  it('has the id Resend gave it', () => {
    expect(toOutcome(answer(200, '{"id":"49a3999c-0ce1"}'), context)).toEqual({
      kind: 'accepted',
      providerMessageId: '49a3999c-0ce1',
      detail: 'HTTP 200',
      statusCode: 200,
      recipientFaults: [],
      events: [],
    });
  });

  it.each(['', '<html>', '{}', '[]', 'null', '{"id":""}', '{"id":7}'])(
    'is in doubt where the answer is 200 with %j',
    (body) => {
      expect(toOutcome(answer(200, body), context)).toMatchObject({
        kind: 'unknown',
        reason: 'unreadable_response',
        statusCode: 200,
      });
    },
  );
});

const DOMAIN = 'The shop.example domain is not verified. Please, add and verify your domain';
const TESTING =
  'You can only send testing emails to your own email address (a@x.test). To send emails to other recipients, please verify a domain';
const PINNED = 'This API key is not authorized to send emails from shop.example';

describe('a refusal', () => {
  it.each([
    [400, 'validation_error', 'API key is invalid', 'auth_failed'],
    [401, 'validation_error', 'API key is invalid', 'auth_failed'],
    [403, 'invalid_api_key', 'API key is invalid', 'auth_failed'],
    [401, 'missing_api_key', 'Missing API key', 'auth_failed'],
    [403, 'restricted_api_key', 'This API key is not active', 'auth_failed'],
    [401, 'restricted_api_key', 'This API key is restricted to only read', 'not_permitted'],
    [403, 'invalid_permission', 'The token lacks a scope', 'not_permitted'],
    [403, 'suspended_api_key', 'This API key is suspended', 'suspended'],
    [403, 'validation_error', DOMAIN, 'sender_not_verified'],
    [400, 'validation_error', DOMAIN, 'sender_not_verified'],
    [422, 'validation_error', DOMAIN, 'sender_not_verified'],
    [403, 'validation_error', TESTING, 'sender_not_verified'],
    [403, 'validation_error', PINNED, 'sender_not_verified'],
    [401, 'some_new_name', 'No', 'auth_failed'],
    [403, 'some_new_name', 'No', 'not_permitted'],
    [404, 'not_found', 'The requested endpoint does not exist', 'misconfigured'],
    [405, 'method_not_allowed', 'Method is not allowed', 'misconfigured'],
  ])('%i %s "%s" is the fault of the connection: %s', (...row) => {
    const [status, name, message, reason] = row;
    expect(toOutcome(answer(status, { name, message }), context)).toEqual({
      kind: 'failed',
      scope: 'connection',
      reason,
      detail: `${name}: ${message}`,
      statusCode: status,
      retryAfterMs: null,
    });
  });

  it.each([
    [500, 'application_error'],
    [500, 'internal_server_error'],
    [503, 'service_unavailable'],
    [500, 'some_new_name'],
    [409, 'resource_locked'],
    [408, 'request_timeout'],
  ])('%i %s in the words of Resend is the fault of the provider', (status, name) => {
    expect(toOutcome(answer(status, { name, message: 'Try again' }), context)).toMatchObject({
      kind: 'failed',
      scope: 'provider',
      reason: 'server_error',
    });
  });

  it.each([500, 502, 503, 504, 520, 522, 524, 525])(
    '%i of the network before Resend leaves in doubt whether the mail was taken',
    (status) => {
      expect(toOutcome(answer(status, '<h1>error</h1>'), context)).toMatchObject({
        kind: 'unknown',
        reason: 'unreadable_response',
        detail: `HTTP ${status}`,
      });
    },
  );

  it.each([
    [301, 'connection', 'misconfigured'],
    [308, 'connection', 'misconfigured'],
    [400, 'message', 'invalid_message'],
    [401, 'connection', 'auth_failed'],
    [403, 'provider', 'policy_blocked'],
    [404, 'connection', 'misconfigured'],
    [408, 'provider', 'server_error'],
    [413, 'message', 'too_large'],
    [422, 'message', 'invalid_message'],
    [429, 'provider', 'rate_limited'],
  ])('%i that is not in the words of Resend is of the %s: %s', (status, scope, reason) => {
    expect(toOutcome(answer(status, '<h1>no</h1>'), context)).toMatchObject({
      kind: 'failed',
      scope,
      reason,
    });
  });

  it.each([
    ['Invalid `to` field. The email address needs to follow the format', 'recipient'],
    ["Invalid 'cc' field", 'recipient'],
    ['Invalid `bcc` field. Please use our testing email address instead of …', 'recipient'],
    ['Invalid `from` field', 'message'],
    ['Missing `subject` field', 'message'],
    ['Headers to big', 'message'],
  ])('422 "%s" is final for the %s', (message, scope) => {
    expect(toOutcome(answer(422, { name: 'validation_error', message }), context)).toMatchObject({
      kind: 'rejected',
      scope,
    });
  });

  it.each([
    [400, 'validation_error'],
    [400, 'invalid_idempotency_key'],
    [422, 'missing_required_field'],
    [422, 'missing_required_parameter'],
    [422, 'invalid_parameter'],
    [422, 'invalid_from_address'],
    [422, 'some_new_name'],
  ])('%i %s is final for the message', (status, name) => {
    expect(toOutcome(answer(status, { name, message: 'No' }), context)).toMatchObject({
      kind: 'rejected',
      scope: 'message',
      reason: 'invalid_message',
    });
  });

  it.each([
    [422, 'invalid_attachment', 'invalid_message'],
    [451, 'security_error', 'invalid_message'],
    [413, 'validation_error', 'too_large'],
  ])('%i %s leaves the mail to another provider', (status, name, reason) => {
    expect(toOutcome(answer(status, { name, message: 'No' }), context)).toMatchObject({
      kind: 'failed',
      scope: 'message',
      reason,
    });
  });

  it.each(['concurrent_idempotent_requests', 'invalid_idempotent_request'])(
    '409 %s does not say what became of the mail',
    (name) => {
      expect(toOutcome(answer(409, { name, message: 'Key' }), context)).toMatchObject({
        kind: 'unknown',
        reason: 'unreadable_response',
      });
    },
  );
});

describe('a 429', () => {
  const limited = (name: string, headers = {}) =>
    toOutcome(answer(429, { name, message: 'Too much' }, headers), context);

  it.each([
    [{ 'retry-after': '3', 'ratelimit-reset': '7' }, 3_000],
    [{ 'ratelimit-reset': '2' }, 2_000],
    [{}, 1_000],
    [{ 'retry-after': 'soon' }, 1_000],
  ])('of the rate with %j asks for %i ms', (headers, retryAfterMs) => {
    expect(limited('rate_limit_exceeded', headers)).toMatchObject({
      kind: 'failed',
      scope: 'provider',
      reason: 'rate_limited',
      retryAfterMs,
    });
  });

  it.each(['daily_quota_exceeded', 'monthly_quota_exceeded'])('%s parks the connection', (name) => {
    expect(limited(name)).toMatchObject({
      kind: 'failed',
      scope: 'connection',
      reason: 'quota_exceeded',
      retryAfterMs: 3_600_000,
    });
  });

  it('of the day waits for midnight UTC where that is sooner', () => {
    const late = { ...context, now: new Date('2026-03-22T23:50:00Z') };
    expect(toOutcome(answer(429, { name: 'daily_quota_exceeded' }), late)).toMatchObject({
      retryAfterMs: 600_000,
    });
  });
});

describe('the detail', () => {
  it('stays on one line and never shows the key', () => {
    const message = `key ${API_KEY} is\r\nbad`;
    expect(toOutcome(answer(422, { name: 'x', message }), context).detail).toBe(
      'x: key [redacted] is bad',
    );
  });

  it('is bounded', () => {
    const message = 'x'.repeat(5_000);
    expect(toOutcome(answer(422, { name: 'x', message }), context).detail).toHaveLength(500);
  });
});

it('makes an outcome of whatever comes', () => {
  const error = fc
    .record({ name: fc.string(), message: fc.string() })
    .map((e) => JSON.stringify(e));
  fc.assert(
    fc.property(
      fc.integer({ min: 100, max: 999 }),
      fc.oneof(fc.json(), fc.string(), error),
      fc.dictionary(fc.constantFrom('retry-after', 'ratelimit-reset'), fc.string()),
      (status, body, headers) => {
        const outcome = toOutcome({ kind: 'answer', status, headers, body }, context);
        expect(outcome.detail.length).toBeLessThanOrEqual(500);
        if (outcome.kind !== 'accepted') expect(FAULT_REASONS).toContain(outcome.reason);
        if (outcome.kind === 'accepted') expect(status).toBeLessThan(300);
      },
    ),
    { numRuns: 1000 },
  );
});
