import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProviderAnswer } from '../http.ts';
import { FAULT_REASONS } from '../outcome.ts';
import { toOutcome, type SendContext } from './response.ts';

const TOKEN = '7d0a51a5-3d3c-4b5b-8c0f-0c2f3b1f9d11';
const ID = '00000000-0000-4000-8000-000000000001';
const now = new Date('2026-03-22T10:30:00Z');
const context: SendContext = { now, token: TOKEN, recipients: ['Ada@example.com'] };
const two: SendContext = { ...context, recipients: ['Ada@example.com', 'cc@example.com'] };

function says(status: number, body: unknown): ProviderAnswer {
  const headers = { 'content-type': 'application/json; charset=utf-8' };
  return { kind: 'answer', status, headers, body: JSON.stringify(body) };
}
const fault = (status: number, code: number, message = 'No.') =>
  says(status, { ErrorCode: code, Message: message });
const html = (status: number): ProviderAnswer => ({
  kind: 'answer',
  status,
  headers: { 'content-type': 'text/html' },
  body: '<h1>No</h1>',
});

describe('an accepted mail', () => {
  it('has the id Postmark gave it', () => {
    const body = { To: 'x', SubmittedAt: 'y', MessageID: ID, ErrorCode: 0, Message: 'OK' };
    expect(toOutcome(says(200, body), context)).toEqual({
      kind: 'accepted',
      providerMessageId: ID,
      detail: 'OK',
      statusCode: 200,
      recipientFaults: [],
      events: [],
    });
  });

  it('may be delayed, and then has no ErrorCode', () => {
    const Message = 'Message accepted, but delivery may be delayed.';
    expect(toOutcome(says(200, { Message, MessageID: ID }), context)).toMatchObject({
      kind: 'accepted',
      providerMessageId: ID,
      detail: Message,
    });
  });

  it.each([
    'Message OK, but will not deliver to these inactive addresses: ada@example.com. Inactive recipients are ones that have generated a hard bounce.',
    'Message OK, but will not deliver to these inactive addresses: ada@example.com, other@x.test.\nInactive recipients are ones',
    'Message OK, but will not deliver to these inactive addresses: ada@example.com',
  ])('may leave some out: %j', (Message) => {
    const body = { MessageID: ID, ErrorCode: 0, Message };
    expect(toOutcome(says(200, body), two)).toMatchObject({
      kind: 'accepted',
      recipientFaults: [
        { address: 'Ada@example.com', kind: 'rejected', reason: 'invalid_recipient' },
      ],
    });
  });

  it.each(['', '<html>', 'null', '[]', '{}', '{"ErrorCode":0}', '{"MessageID":7}'])(
    'may or may not be what is answered with 200 and %j',
    (body) => {
      expect(toOutcome({ ...says(200, null), body }, context)).toMatchObject({
        kind: 'unknown',
        reason: 'unreadable_response',
      });
    },
  );
});

describe('a refusal', () => {
  it.each([
    [401, 10, 'auth_failed'],
    [422, 400, 'sender_not_verified'],
    [422, 401, 'sender_not_verified'],
    [422, 405, 'quota_exceeded'],
    [422, 412, 'not_permitted'],
    [422, 413, 'not_permitted'],
    [422, 422, 'misconfigured'],
    [422, 1235, 'misconfigured'],
    [422, 1236, 'misconfigured'],
    [422, 1480, 'misconfigured'],
    [200, 10, 'auth_failed'],
    [403, 9999, 'not_permitted'],
    [404, 12, 'misconfigured'],
    [404, 501, 'misconfigured'],
    [415, 409, 'misconfigured'],
  ])('%i with ErrorCode %i is the fault of the connection: %s', (status, code, reason) => {
    expect(toOutcome(fault(status, code), context)).toEqual({
      kind: 'failed',
      scope: 'connection',
      reason,
      detail: 'No.',
      statusCode: status,
      retryAfterMs: null,
    });
  });

  it.each([
    "The 'From' address you supplied is not a Sender Signature on your account.",
    "Invalid 'From' address: the domain of x@y.test is not confirmed.",
  ])('300 "%s" is about a sender that is not set up', (message) => {
    expect(toOutcome(fault(422, 300, message), context)).toMatchObject({
      kind: 'failed',
      scope: 'connection',
      reason: 'sender_not_verified',
    });
  });

  it.each([301, 302, 404, 405])('%i in HTML leads away from Postmark', (status) => {
    expect(toOutcome(html(status), context)).toMatchObject({
      kind: 'failed',
      scope: 'connection',
      reason: 'misconfigured',
    });
  });

  it.each([
    fault(500, 101),
    fault(503, 100),
    html(500),
    html(502),
    html(503),
    html(408),
    // A filter of the network, not Postmark.
    html(403),
  ])('%j is the fault of the provider', (answer) => {
    expect(toOutcome(answer, context)).toMatchObject({
      kind: 'failed',
      scope: 'provider',
      reason: 'server_error',
      retryAfterMs: null,
    });
  });

  it.each([html(413), fault(413, 300)])('%j leaves the mail to one that carries more', (answer) => {
    expect(toOutcome(answer, context)).toMatchObject({
      kind: 'failed',
      scope: 'message',
      reason: 'too_large',
    });
  });

  it.each([
    [300, "Invalid 'From' address: 'x'."],
    [300, "Error parsing 'Reply-To': Illegal email address"],
    [300, 'Provide either email TextBody or HtmlBody or both.'],
    [402, 'Invalid JSON'],
    [403, 'Invalid fields'],
    [410, 'Too many messages'],
    [701, 'Not found'],
  ])('ErrorCode %i "%s" is final for the message', (code, message) => {
    expect(toOutcome(fault(422, code, message), context)).toMatchObject({
      kind: 'rejected',
      scope: 'message',
      reason: 'invalid_message',
    });
  });

  it.each([fault(422, 411), fault(422, 98765), html(400), html(422)])(
    '%j leaves the mail to another connection',
    (answer) => {
      expect(toOutcome(answer, context)).toMatchObject({
        kind: 'failed',
        scope: 'message',
        reason: 'invalid_message',
      });
    },
  );

  it.each([fault(429, 429), html(429), fault(422, 429)])('%j asks to wait', (answer) => {
    const headers = { ...answer.headers, 'retry-after': '7' };
    expect(toOutcome({ ...answer, headers }, context)).toMatchObject({
      kind: 'failed',
      scope: 'provider',
      reason: 'rate_limited',
      retryAfterMs: 7_000,
    });
    expect(toOutcome(answer, context)).toMatchObject({ retryAfterMs: 1_000 });
  });
});

describe('a bad address', () => {
  const named = "Invalid 'To' address: 'ada@example.com'.";

  it.each([
    [named, context],
    ["Error parsing 'Cc': Illegal email domain '+' in address 'user@+'.", context],
    ["Error parsing 'Bcc': something else", context],
  ])('"%s" is final for the only one', (message, of) => {
    expect(toOutcome(fault(422, 300, message), of)).toMatchObject({
      kind: 'rejected',
      scope: 'recipient',
      reason: 'invalid_recipient',
    });
  });

  it.each([
    [named, ['Ada@example.com']],
    ["Error parsing 'Cc': Illegal email domain in address 'cc@example.com'.", ['cc@example.com']],
    ["Error parsing 'Cc': something else", []],
  ])('"%s" frees the others', (message, refused) => {
    expect(toOutcome(fault(422, 300, message), two)).toMatchObject({
      kind: 'failed',
      scope: 'recipient',
      reason: 'invalid_recipient',
      recipientFaults: refused.map((address) => ({ address, kind: 'rejected' })),
    });
  });
});

describe('inactive recipients', () => {
  const found = (list: string) =>
    fault(
      422,
      406,
      `You tried to send to a recipient that has been marked as inactive.\nFound inactive addresses: ${list}.\nInactive recipients are ones that have generated a hard bounce or a spam complaint.`,
    );

  it.each([
    ['ada@example.com', context],
    ['somebody@else.test', context],
    ['cc@example.com, ada@example.com', two],
  ])('that are all of them (%s) end the mail', (list, of) => {
    expect(toOutcome(found(list), of)).toMatchObject({
      kind: 'rejected',
      scope: 'recipient',
      reason: 'invalid_recipient',
    });
  });

  it.each(['ada@example.com', 'somebody@else.test', ''])(
    'that are not all of them (%s) leave it open whether the others got it',
    (list) => {
      expect(toOutcome(found(list), two)).toMatchObject({
        kind: 'unknown',
        reason: 'unreadable_response',
      });
    },
  );
});

it('never shows the token', () => {
  const { detail } = toOutcome(fault(422, 300, `token ${TOKEN} is\r\nbad`), context);
  expect(detail).toBe('token [redacted] is bad');
});

it('makes an outcome of whatever comes', () => {
  fc.assert(
    fc.property(
      fc.record({
        status: fc.integer({ min: 100, max: 999 }),
        body: fc.oneof(
          fc.json(),
          fc.string(),
          fc
            .record({
              ErrorCode: fc.jsonValue(),
              Message: fc.jsonValue(),
              MessageID: fc.jsonValue(),
            })
            .map((value) => JSON.stringify(value)),
        ),
        headers: fc.dictionary(fc.constantFrom('content-type', 'retry-after'), fc.string()),
      }),
      ({ status, body, headers }) => {
        const outcome = toOutcome({ kind: 'answer', status, headers, body }, two);
        expect(outcome.detail.length).toBeLessThanOrEqual(500);
        if (outcome.kind !== 'accepted') expect(FAULT_REASONS).toContain(outcome.reason);
        if (outcome.kind === 'accepted') expect(status).toBeLessThan(300);
      },
    ),
    { numRuns: 1000 },
  );
});
