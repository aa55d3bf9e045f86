import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EMAIL_EVENT_TYPES } from '../event.ts';
import { readEvents } from './events.ts';

const EMAIL_ID = '0199c1a2-7b3c-7d4e-8f5a-6b7c8d9e0f1a';
const MESSAGE_ID = '00000000-0000-4000-8000-000000000001';

const common = {
  MessageStream: 'outbound',
  ServerID: 23,
  MessageID: MESSAGE_ID,
  Tag: 'order',
  Metadata: { cx_email_id: EMAIL_ID, cx_attempt: `${EMAIL_ID}-1` },
};
const read = (record: Record<string, unknown>) =>
  readEvents(Buffer.from(JSON.stringify({ ...common, ...record })))[0];
const bounce = (Type: string, changes: Record<string, unknown> = {}) =>
  read({
    RecordType: 'Bounce',
    ID: 692_560_173,
    Type,
    Name: 'Hard bounce',
    Description: 'Server could not deliver',
    Details: 'smtp;550 5.1.1 no such user',
    Email: 'gone@example.com',
    BouncedAt: '2026-01-01T00:01:41.9070259Z',
    Inactive: false,
    ...changes,
  });

it('a delivery is read whole', () => {
  const delivery = {
    RecordType: 'Delivery',
    Recipient: 'ada@example.com',
    DeliveredAt: '2026-01-01T00:01:40.9070259Z',
    Details: '250 2.0.0 OK',
  };
  expect(read(delivery)).toEqual({
    type: 'delivered',
    word: 'Delivery',
    providerEventId: null,
    providerMessageId: MESSAGE_ID,
    emailId: EMAIL_ID,
    recipient: 'ada@example.com',
    occurredAt: new Date('2026-01-01T00:01:40.907Z'),
    detail: '250 2.0.0 OK',
    bounce: null,
    url: null,
  });
});

it('a hard bounce is read whole', () => {
  expect(bounce('HardBounce', { Inactive: true })).toEqual({
    type: 'bounced',
    word: 'HardBounce',
    providerEventId: '692560173',
    providerMessageId: MESSAGE_ID,
    emailId: EMAIL_ID,
    recipient: 'gone@example.com',
    occurredAt: new Date('2026-01-01T00:01:41.907Z'),
    detail: 'Hard bounce: smtp;550 5.1.1 no such user',
    bounce: {
      label: 'hard',
      enhancedStatus: '5.1.1',
      replyCode: 550,
      diagnostic: 'smtp;550 5.1.1 no such user',
    },
    url: null,
  });
});

it.each([
  ['HardBounce', 'bounced', 'hard'],
  ['BadEmailAddress', 'bounced', 'hard'],
  ['SoftBounce', 'bounced', 'soft'],
  ['SpamNotification', 'bounced', 'soft'],
  ['Blocked', 'bounced', 'soft'],
  ['DMARCPolicy', 'bounced', 'soft'],
  ['VirusNotification', 'bounced', 'soft'],
  ['Transient', 'deferred', null],
  ['DnsError', 'deferred', null],
  ['SpamComplaint', 'complained', null],
  ['Unsubscribe', 'unsubscribed', null],
  ['ManuallyDeactivated', 'suppressed', null],
  ['Unconfirmed', 'failed', null],
  ['SMTPApiError', 'failed', null],
  ['TemplateRenderingFailed', 'failed', null],
  ['Subscribe', null, null],
  ['AutoResponder', null, null],
  ['AddressChange', null, null],
  ['ChallengeVerification', null, null],
  ['OpenRelayTest', null, null],
  ['Unknown', null, null],
  ['InboundError', null, null],
  ['SomethingNew', null, null],
  ['toString', null, null],
])('a bounce of type %s is %s (%s)', (...[word, type, label]) => {
  const event = bounce(word);
  expect(event).toMatchObject({ type, word });
  expect(event?.bounce?.label ?? null).toBe(label);
});

it.each([
  ['SoftBounce', 'bounced', 'hard'],
  ['SomethingNew', 'bounced', 'hard'],
  ['SpamComplaint', 'complained', undefined],
  ['ManuallyDeactivated', 'suppressed', undefined],
])('a bounce of type %s to where Postmark sends no more is %s', (...[word, type, label]) => {
  const event = bounce(word, { Inactive: true });
  expect(event?.type).toBe(type);
  expect(event?.bounce?.label).toBe(label);
});

it('a bounce that names nobody and no time is still read', () => {
  const event = bounce('Unsubscribe', {
    Email: undefined,
    BouncedAt: undefined,
    Details: undefined,
  });
  expect(event).toMatchObject({ type: 'unsubscribed', recipient: null, occurredAt: null });
});

it.each([
  [
    'SpamComplaint',
    'complained',
    { Email: 'ada@example.com', ID: 5, BouncedAt: '2026-01-02T00:00:00Z' },
  ],
  ['Open', 'opened', { Recipient: 'ada@example.com', ReceivedAt: '2026-01-02T00:00:00.0000000Z' }],
  ['Click', 'clicked', { Recipient: 'ada@example.com', ReceivedAt: '2026-01-02T02:00:00+02:00' }],
])('a %s is %s', (...[RecordType, type, fields]) => {
  expect(read({ RecordType, ...fields })).toMatchObject({
    type,
    word: RecordType,
    recipient: 'ada@example.com',
    occurredAt: new Date('2026-01-02T00:00:00Z'),
    bounce: null,
  });
});

it('a click has its link', () => {
  const url = 'https://shop.example/o/1001';
  expect(read({ RecordType: 'Click', OriginalLink: url })).toMatchObject({ url });
});

describe('a subscription change', () => {
  it.each([
    [true, 'ManualSuppression', 'Recipient', 'unsubscribed'],
    [true, 'ManualSuppression', 'Customer', 'suppressed'],
    [true, 'ManualSuppression', 'Admin', 'suppressed'],
    [true, 'HardBounce', 'Recipient', null],
    [true, 'SpamComplaint', 'Recipient', null],
    [false, null, 'Customer', null],
    [false, 'ManualSuppression', 'Recipient', null],
  ])('with %s, %s and %s is %s', (...[SuppressSending, SuppressionReason, Origin, type]) => {
    const change = {
      RecordType: 'SubscriptionChange',
      MessageID: null,
      Metadata: {},
      Tag: null,
      ChangedAt: '2026-01-03T00:00:00.0000000Z',
      Recipient: 'ada@example.com',
      SuppressSending,
      SuppressionReason,
      Origin,
    };
    expect(read(change)).toMatchObject({
      type,
      providerMessageId: null,
      emailId: null,
      recipient: 'ada@example.com',
      occurredAt: new Date('2026-01-03T00:00:00Z'),
    });
  });
});

it.each([['Inbound'], ['toString'], [''], [7]])(
  'the record %j is kept without a type',
  (RecordType) => {
    expect(read({ RecordType })).toMatchObject({ type: null, emailId: EMAIL_ID });
  },
);

it.each([[''], ['{}'], ['null'], ['[]'], ['"x"']])('the body %j has no events', (body) => {
  expect(readEvents(Buffer.from(body))).toEqual([]);
});

it('reads whatever comes, and nothing but our words out of it', () => {
  const keys = [
    'RecordType',
    'Type',
    'Email',
    'Recipient',
    'Metadata',
    'Details',
    'Name',
    'ID',
    'BouncedAt',
    'MessageID',
  ];
  const records = fc.constantFrom('Bounce', 'Delivery', 'SubscriptionChange', 'Click');
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array().map((bytes) => Buffer.from(bytes)),
        fc.json().map((json) => Buffer.from(json)),
        fc
          .tuple(records, fc.dictionary(fc.constantFrom(...keys), fc.jsonValue()))
          .map(([RecordType, fields]) => Buffer.from(JSON.stringify({ RecordType, ...fields }))),
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
