import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProviderAnswer } from '../http.ts';
import { FAULT_REASONS } from '../outcome.ts';
import { toOutcome } from './response.ts';

const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const context = { recipientCount: 1, secret: SECRET };

function answer(status: number, name: string | null, message = ''): ProviderAnswer {
  const headers = name === null ? {} : { 'x-amzn-errortype': name };
  return { kind: 'answer', status, headers, body: JSON.stringify({ message }) };
}

describe('an accepted mail', () => {
  it('has the id Amazon gave it', () => {
    const body = '{"MessageId":"0100019a77aa-uuid-000000"}';
    expect(toOutcome({ kind: 'answer', status: 200, headers: {}, body }, context)).toEqual({
      kind: 'accepted',
      providerMessageId: '0100019a77aa-uuid-000000',
      detail: 'HTTP 200',
      statusCode: 200,
      recipientFaults: [],
      events: [],
    });
  });

  it.each(['', '<html>', '{}', 'null', '{"MessageId":""}'])('is in doubt with %j', (body) => {
    expect(toOutcome({ kind: 'answer', status: 200, headers: {}, body }, context)).toMatchObject({
      kind: 'unknown',
      reason: 'unreadable_response',
    });
  });
});

const NOT_VERIFIED =
  'Email address is not verified. The following identities failed the check in region EU-WEST-1: ada@example.com';
const BAD = 'BadRequestException';
const REJECTED = 'MessageRejected';

type Case = readonly [status: number, name: string, message: string, reason: string];

const CONNECTION: readonly Case[] = [
  [400, 'AccountSuspendedException', 'suspended', 'suspended'],
  [400, 'SendingPausedException', 'Sending paused for this account.', 'suspended'],
  [400, 'SendingPausedException', 'Configuration set is paused', 'suspended'],
  [400, 'MailFromDomainNotVerifiedException', 'no', 'sender_not_verified'],
  [400, REJECTED, NOT_VERIFIED, 'sender_not_verified'],
  [400, BAD, NOT_VERIFIED, 'sender_not_verified'],
  [404, 'NotFoundException', 'Configuration set <x> does not exist.', 'misconfigured'],
  [400, BAD, 'Configuration set <x> does not exist.', 'misconfigured'],
  [404, 'UnknownOperationException', '', 'misconfigured'],
  [403, 'AccessDeniedException', 'not authorized to perform ses:SendRawEmail', 'not_permitted'],
  [403, 'OptInRequired', 'no', 'not_permitted'],
  [403, 'UnrecognizedClientException', 'The security token is invalid', 'auth_failed'],
  [403, 'InvalidClientTokenId', 'no', 'auth_failed'],
  [403, 'InvalidSignatureException', 'The signature does not match', 'auth_failed'],
  [403, 'SignatureDoesNotMatch', 'no', 'auth_failed'],
  [403, 'IncompleteSignature', 'no', 'auth_failed'],
  [403, 'MissingAuthenticationTokenException', 'no', 'auth_failed'],
  [403, 'ExpiredTokenException', 'no', 'auth_failed'],
  [403, 'InvalidSignatureException', 'Signature expired: 2026', 'misconfigured'],
  [403, 'InvalidSignatureException', 'Signature not yet current: 2026', 'misconfigured'],
  [403, 'RequestExpired', '', 'misconfigured'],
  [403, 'RequestTimeTooSkewed', '', 'misconfigured'],
];

describe('a refusal', () => {
  it.each(CONNECTION)('%i %s "%s" is the fault of the connection: %s', (...row) => {
    const [status, name, message, reason] = row;
    expect(toOutcome(answer(status, name, message), context)).toEqual({
      kind: 'failed',
      scope: 'connection',
      reason,
      detail: message === '' ? name : `${name}: ${message}`,
      statusCode: status,
      retryAfterMs: null,
    });
  });

  const quota = ['LimitExceededException', 'Throttling', 'TooManyRequestsException'] as const;

  it.each(quota)('%s may be the quota of the day', (name) => {
    const outcome = toOutcome(answer(400, name, 'Daily message quota exceeded.'), context);
    expect(outcome).toMatchObject({
      kind: 'failed',
      scope: 'connection',
      reason: 'quota_exceeded',
      retryAfterMs: 600_000,
    });
  });

  it.each([
    [429, 'TooManyRequestsException', 'Maximum sending rate exceeded.'],
    [400, 'Throttling', 'Maximum sending rate exceeded.'],
    [400, 'ThrottlingException', 'Maximum sending rate exceeded.'],
    [429, 'TooManyRequestsException', 'Too many requests'],
    [429, 'SomethingNew', ''],
  ])('%i %s "%s" is the rate', (status, name, message) => {
    expect(toOutcome(answer(status, name, message), context)).toMatchObject({
      kind: 'failed',
      scope: 'provider',
      reason: 'rate_limited',
      retryAfterMs: 1_000,
    });
  });

  it.each([
    [400, 'Throttling', 'Rate exceeded'],
    [500, 'InternalServiceErrorException', ''],
    [500, 'InternalFailure', ''],
    [503, 'ServiceUnavailable', ''],
    [503, 'ServiceUnavailableException', ''],
    [400, 'RequestTimeout', ''],
    [400, 'ConcurrentModificationException', ''],
    [500, 'SomethingNew', ''],
  ])('%i %s "%s" is the fault of the provider', (status, name, message) => {
    expect(toOutcome(answer(status, name, message), context)).toMatchObject({
      kind: 'failed',
      scope: 'provider',
      reason: 'server_error',
    });
  });

  it.each([500, 502, 503, 504])('%i without a name leaves it in doubt', (status) => {
    expect(toOutcome(answer(status, null), context)).toMatchObject({ kind: 'unknown' });
  });

  const addresses = [
    "Missing final '@domain'",
    'Invalid email address <x>',
    'Illegal address',
    'Local address contains control or whitespace',
    'Domain ends with dot',
    'Domain starts with dot',
  ];

  it.each(addresses)('"%s" is final for the one recipient', (message) => {
    expect(toOutcome(answer(400, BAD, message), context)).toMatchObject({
      kind: 'rejected',
      scope: 'recipient',
      reason: 'invalid_recipient',
    });
  });

  it.each(addresses)('"%s" of several leaves them to a provider that tells which', (message) => {
    const outcome = toOutcome(answer(400, BAD, message), { ...context, recipientCount: 2 });
    expect(outcome).toMatchObject({ kind: 'failed', scope: 'recipient' });
  });

  it.each([
    [400, BAD, 'Recipient count exceeds 50.'],
    [400, BAD, 'Duplicate header'],
    [400, REJECTED, 'Expected disposition, got null'],
    [400, 'ValidationError', 'no'],
    [400, 'SerializationException', ''],
  ])('%i %s "%s" is final for the message', (status, name, message) => {
    expect(toOutcome(answer(status, name, message), context)).toMatchObject({
      kind: 'rejected',
      scope: 'message',
      reason: 'invalid_message',
    });
  });

  it.each([
    [413, 'RequestEntityTooLargeException', '', 'too_large'],
    [413, null, '', 'too_large'],
    [400, BAD, 'Message is too long', 'too_large'],
    [400, REJECTED, 'Illegal attachment: file extension .exe', 'invalid_message'],
    [400, 'SomethingNew', '', 'invalid_message'],
    [400, null, '', 'invalid_message'],
  ])('%i %s "%s" leaves the mail to another provider: %s', (...row) => {
    const [status, name, message, reason] = row;
    expect(toOutcome(answer(status, name, message), context)).toMatchObject({
      kind: 'failed',
      scope: 'message',
      reason,
    });
  });

  it.each([
    [301, 'misconfigured'],
    [404, 'misconfigured'],
    [403, 'not_permitted'],
  ])('%i without a name is of the connection: %s', (status, reason) => {
    expect(toOutcome(answer(status, null), context)).toMatchObject({
      kind: 'failed',
      scope: 'connection',
      reason,
    });
  });

  it.each([
    { 'x-amzn-errortype': 'MessageRejected:http://internal.amazon.com/coral/' },
    { 'x-amzn-errortype': 'com.amazonaws.ses#MessageRejected' },
  ])('has its name in %j', (headers) => {
    const body = JSON.stringify({ message: NOT_VERIFIED });
    expect(toOutcome({ kind: 'answer', status: 400, headers, body }, context)).toMatchObject({
      reason: 'sender_not_verified',
      detail: `MessageRejected: ${NOT_VERIFIED}`,
    });
  });

  it('never shows the secret', () => {
    expect(toOutcome(answer(400, BAD, `key ${SECRET}\n!`), context).detail).toBe(
      'BadRequestException: key [redacted] !',
    );
  });
});

it('makes an outcome of whatever comes', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 100, max: 999 }),
      fc.oneof(fc.json(), fc.string()),
      fc.option(fc.oneof(fc.string(), fc.constantFrom(...CONNECTION.map(([, name]) => name)))),
      (status, body, name) => {
        const headers: Record<string, string> = name === null ? {} : { 'x-amzn-errortype': name };
        const outcome = toOutcome({ kind: 'answer', status, headers, body }, context);
        expect(outcome.detail.length).toBeLessThanOrEqual(500);
        if (outcome.kind !== 'accepted') expect(FAULT_REASONS).toContain(outcome.reason);
      },
    ),
    { numRuns: 1000 },
  );
});
