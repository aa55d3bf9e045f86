import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EMAIL_EVENT_TYPES } from '../event.ts';
import { readEvents } from './events.ts';

const EMAIL_ID = '0199c1a2-7b3c-7d4e-8f5a-6b7c8d9e0f1a';
const MESSAGE_ID = '20260101000000.1.ABCDEF@mg.shop.example';

/** As Mailgun documents it, with what is of no interest here left out. */
const event = (changes: Record<string, unknown>) => ({
  event: 'delivered',
  id: 'hK7mQVt1QtqRiOfQXta4sw',
  timestamp: 1_767_225_700.626182,
  'log-level': 'info',
  recipient: 'ada@example.com',
  tags: ['order'],
  'user-variables': { cx_email_id: EMAIL_ID, cx_attempt: '1' },
  message: {
    headers: {
      to: 'Ada <ada@example.com>',
      'message-id': MESSAGE_ID,
      from: 'Shop <orders@mg.shop.example>',
      subject: 'Order 1001',
    },
  },
  'delivery-status': { code: 250, message: 'OK', description: '', 'mx-host': 'mx.example.com' },
  ...changes,
});
const read = (changes: Record<string, unknown> = {}) =>
  readEvents(Buffer.from(JSON.stringify({ signature: {}, 'event-data': event(changes) })))[0];
const failed = (reason: string, status: Record<string, unknown>, changes = {}) =>
  read({
    event: 'failed',
    severity: 'permanent',
    reason,
    'delivery-status': { 'attempt-no': 1, description: '', ...status },
    ...changes,
  });

it('a delivery is read whole', () => {
  expect(read()).toEqual({
    type: 'delivered',
    word: 'delivered',
    providerEventId: 'hK7mQVt1QtqRiOfQXta4sw:1767225700',
    providerMessageId: MESSAGE_ID,
    emailId: EMAIL_ID,
    recipient: 'ada@example.com',
    occurredAt: new Date('2026-01-01T00:01:40.626Z'),
    detail: 'OK',
    bounce: null,
    url: null,
  });
});

it.each([
  ['accepted', 'sent'],
  ['delivered', 'delivered'],
  ['opened', 'opened'],
  ['clicked', 'clicked'],
  ['unsubscribed', 'unsubscribed'],
  ['complained', 'complained'],
  ['rejected', 'failed'],
  ['stored', null],
  ['list_member_uploaded', null],
  ['toString', null],
  ['', null],
])('the word %j is %s', (word, type) => {
  expect(read({ event: word })).toMatchObject({ type, word, bounce: null });
});

it('an unknown severity is kept as it is', () => {
  expect(read({ event: 'failed', severity: 'internal' })).toMatchObject({
    type: null,
    word: 'failed',
  });
});

describe('a failure', () => {
  it('for now is a deferral', () => {
    const deferred = failed(
      'greylisted',
      { code: 450, message: 'try later' },
      { severity: 'temporary' },
    );
    expect(deferred).toMatchObject({
      type: 'deferred',
      word: 'temporary_fail',
      detail: 'greylisted: try later',
      bounce: null,
    });
  });

  it('for good comes with its evidence', () => {
    const status = { code: 550, 'enhanced-code': '5.1.1', message: '5.1.1 no such user' };
    expect(failed('bounce', status)).toMatchObject({
      type: 'bounced',
      word: 'permanent_fail',
      detail: 'bounce: 5.1.1 no such user',
      bounce: {
        label: 'hard',
        enhancedStatus: '5.1.1',
        replyCode: 550,
        diagnostic: '5.1.1 no such user',
      },
    });
  });

  it.each(['suppress-bounce', 'suppress-complaint', 'suppress-unsubscribe'])(
    'for %s is left out by Mailgun',
    (reason) => {
      const description = 'Not delivering to previously bounced address';
      expect(failed(reason, { code: 605, message: '', description })).toMatchObject({
        type: 'suppressed',
        detail: `${reason}: ${description}`,
        bounce: null,
      });
    },
  );

  it.each([
    ['old', 'soft'],
    ['espblock', 'soft'],
    ['blacklisted', 'soft'],
    ['greylisted', 'soft'],
    ['generic', null],
    ['hardfail', null],
    ['unknown', null],
    ['something new', null],
  ])('for %s has the label %s', (reason, label) => {
    expect(failed(reason, { code: 550, message: 'no' })).toMatchObject({
      type: 'bounced',
      bounce: { label, replyCode: 550 },
    });
  });

  it.each([
    [
      { code: 605, message: '' },
      { enhancedStatus: null, replyCode: null, diagnostic: null },
    ],
    [
      { code: 498, message: 'No MX' },
      { replyCode: null, diagnostic: 'No MX' },
    ],
    [
      { code: '550', message: '550 5.7.1 blocked' },
      { enhancedStatus: '5.7.1', replyCode: 550 },
    ],
    [{ code: 550, 'bounce-code': '5.2.2' }, { enhancedStatus: '5.2.2' }],
    [{}, { enhancedStatus: null, replyCode: null, diagnostic: null }],
    [
      { code: null, message: 7 },
      { replyCode: null, diagnostic: null },
    ],
  ])('with the status %j has the evidence %j', (status, evidence) => {
    expect(failed('generic', status)?.bounce).toMatchObject(evidence);
  });

  it('that came back by mail has no label', () => {
    const flags = { 'is-delayed-bounce': true };
    expect(failed('bounce', { code: 550, message: 'x' }, { flags, envelope: {} })).toMatchObject({
      type: 'bounced',
      bounce: { label: null, replyCode: 550 },
    });
  });
});

it('a click has its link, and says when a machine made it', () => {
  const url = 'https://shop.example/o/1001';
  const client = { 'client-type': 'browser', bot: 'gmail' };
  expect(
    read({ event: 'clicked', url, 'client-info': client, 'delivery-status': null }),
  ).toMatchObject({
    url,
    detail: 'by a machine (gmail)',
  });
});

it.each([
  ['Ada <ada@example.com>', 'ada@example.com'],
  ['a@x.test, b@x.test', null],
  ['nobody', null],
])('a rejected mail to %j is of %s', (to, recipient) => {
  const changes = {
    event: 'rejected',
    recipient: undefined,
    reject: { reason: 'Sandbox subdomains are for test purposes only.', description: '' },
    message: { headers: { to, 'message-id': MESSAGE_ID } },
    'delivery-status': undefined,
  };
  expect(read(changes)).toMatchObject({
    type: 'failed',
    recipient,
    detail: 'Sandbox subdomains are for test purposes only.',
  });
});

it.each([
  ['user-variables', {}, { emailId: null }],
  ['user-variables', { cx_email_id: 'not an id' }, { emailId: null }],
  ['user-variables', { cx_email_id: 7 }, { emailId: null }],
  ['message', null, { providerMessageId: null }],
  ['message', { headers: { 'message-id': `<${MESSAGE_ID}>` } }, { providerMessageId: MESSAGE_ID }],
  ['timestamp', 'soon', { occurredAt: null, providerEventId: null }],
  ['timestamp', 1e300, { occurredAt: null }],
  ['id', '', { providerEventId: null }],
])('with %s %j is still read', (field, value, expected) => {
  expect(read({ [field]: value })).toMatchObject({ type: 'delivered', ...expected });
});

it('reads whatever comes, and nothing but our words out of it', () => {
  const keys = Object.keys({ ...event({}), severity: 0, reason: 0, reject: 0, flags: 0, url: 0 });
  const data = fc.dictionary(fc.constantFrom(...keys), fc.jsonValue());
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array().map((bytes) => Buffer.from(bytes)),
        fc.json().map((json) => Buffer.from(json)),
        data.map((value) => Buffer.from(JSON.stringify({ 'event-data': event(value) }))),
      ),
      (body) => {
        for (const { type, detail, word } of readEvents(body)) {
          if (type !== null) expect(EMAIL_EVENT_TYPES).toContain(type);
          expect((detail ?? '').length).toBeLessThanOrEqual(500);
          expect(word.length).toBeLessThanOrEqual(100);
        }
      },
    ),
    { numRuns: 1000 },
  );
});
