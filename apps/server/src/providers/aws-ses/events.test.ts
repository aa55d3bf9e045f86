import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { snsFields } from '../../../test/fakes/sns.ts';
import { EMAIL_EVENT_TYPES } from '../event.ts';
import { readEvents } from './events.ts';

const EMAIL_ID = '0199c1a2-7b3c-7d4e-8f5a-6b7c8d9e0f1a';
const SES_ID = '0102019a77aa0001-aaaa-000000';
const ANA = 'ana@customer.example';
const BO = 'bo@customer.example';

const MAIL = {
  timestamp: '2026-11-23T10:00:01.000Z',
  source: 'Acme <hello@mail.acme.example>',
  messageId: SES_ID,
  destination: [ANA],
  tags: { 'ses:configuration-set': ['courierx'], cx_email_id: [EMAIL_ID], cx_attempt: ['1'] },
};

const wrap = (message: unknown, changes = {}) =>
  Buffer.from(
    JSON.stringify({
      ...snsFields({ Message: typeof message === 'string' ? message : JSON.stringify(message) }),
      Signature: 'x',
      ...changes,
    }),
  );
const read = (message: object) => readEvents(wrap({ mail: MAIL, ...message }));

const bounce = (changes: object = {}, recipient: object = {}) => ({
  eventType: 'Bounce',
  bounce: {
    feedbackId: '0102019a77aa0002-bbbb-000000',
    bounceType: 'Permanent',
    bounceSubType: 'General',
    bouncedRecipients: [
      {
        emailAddress: ANA,
        action: 'failed',
        status: '5.1.1',
        diagnosticCode: 'smtp; 550 5.1.1 user unknown',
        ...recipient,
      },
    ],
    timestamp: '2026-11-23T10:00:06.000Z',
    ...changes,
  },
});

describe('an event of SES', () => {
  it('is read whole', () => {
    expect(read(bounce())).toEqual([
      {
        type: 'bounced',
        word: 'Bounce',
        providerEventId: '0102019a77aa0002-bbbb-000000',
        providerMessageId: SES_ID,
        emailId: EMAIL_ID,
        recipient: ANA,
        occurredAt: new Date('2026-11-23T10:00:06.000Z'),
        detail: 'Permanent: General: smtp; 550 5.1.1 user unknown',
        bounce: {
          label: 'hard',
          enhancedStatus: '5.1.1',
          replyCode: 550,
          diagnostic: 'smtp; 550 5.1.1 user unknown',
        },
        url: null,
      },
    ]);
  });

  it.each([
    [
      { eventType: 'Send', send: {} },
      { type: 'sent', occurredAt: new Date(MAIL.timestamp) },
    ],
    [
      {
        eventType: 'Delivery',
        delivery: {
          timestamp: '2026-11-23T10:00:04.000Z',
          recipients: [ANA],
          smtpResponse: '250 2.0.0 OK',
        },
      },
      {
        type: 'delivered',
        detail: '250 2.0.0 OK',
        occurredAt: new Date('2026-11-23T10:00:04.000Z'),
      },
    ],
    [
      {
        eventType: 'Complaint',
        complaint: {
          feedbackId: 'f3',
          complaintSubType: null,
          complainedRecipients: [{ emailAddress: ANA }],
          timestamp: '2026-11-24T08:00:00.000Z',
          userAgent: 'ExampleFBL/1.0',
          complaintFeedbackType: 'abuse',
        },
      },
      { type: 'complained', providerEventId: 'f3', detail: 'abuse: ExampleFBL/1.0' },
    ],
    [
      {
        eventType: 'DeliveryDelay',
        deliveryDelay: {
          timestamp: '2026-11-23T10:10:00.000Z',
          delayType: 'TransientCommunicationFailure',
          delayedRecipients: [
            {
              emailAddress: ANA,
              status: '4.4.1',
              diagnosticCode: 'smtp; 421 4.4.1 cannot connect',
            },
          ],
        },
      },
      { type: 'deferred', detail: 'TransientCommunicationFailure: smtp; 421 4.4.1 cannot connect' },
    ],
    [
      {
        eventType: 'Rendering Failure',
        failure: { templateName: 'receipt', errorMessage: 'missing' },
      },
      { type: 'failed', detail: 'missing' },
    ],
    [
      { eventType: 'Reject', reject: { reason: 'Bad content' } },
      { type: 'failed', detail: 'Bad content' },
    ],
    [{ eventType: 'Open', open: { timestamp: '2026-11-23T11:00:00.000Z' } }, { type: 'opened' }],
    [
      {
        eventType: 'Click',
        click: { timestamp: '2026-11-23T11:00:00.000Z', link: 'https://a.example/r' },
      },
      { type: 'clicked', url: 'https://a.example/r' },
    ],
    [
      {
        eventType: 'Subscription',
        subscription: {
          source: 'UnsubscribeHeader',
          newTopicPreferences: {
            unsubscribeAll: false,
            topicSubscriptionStatus: [{ topicName: 'news', subscriptionStatus: 'OptOut' }],
          },
        },
      },
      { type: 'unsubscribed', detail: 'UnsubscribeHeader' },
    ],
  ])('%j is %j', (message, expected) => {
    expect(read(message)).toMatchObject([
      { emailId: EMAIL_ID, providerMessageId: SES_ID, recipient: ANA, ...expected },
    ]);
  });

  it.each([
    ['Subscription', { subscription: { newTopicPreferences: { unsubscribeAll: false } } }],
    ['SomethingNew', {}],
    ['constructor', {}],
    ['', {}],
  ])('with the word %j is kept without a type', (eventType, part) => {
    expect(read({ eventType, ...part })).toMatchObject([
      { type: null, word: eventType, emailId: EMAIL_ID, recipient: null },
    ]);
  });

  it('of one of several recipients is of that one', () => {
    const delivery = { recipients: [BO] };
    const mail = { ...MAIL, destination: [ANA, BO] };
    expect(read({ eventType: 'Delivery', delivery, mail })).toMatchObject([{ recipient: BO }]);
  });

  it.each(['Open', 'Click'])('%s of several recipients is of nobody', (eventType) => {
    const mail = { ...MAIL, destination: [ANA, BO] };
    expect(read({ eventType, mail })).toMatchObject([{ type: null, word: eventType }]);
  });
});

describe('a bounce', () => {
  it.each([
    ['Permanent', 'General', 'bounced', 'hard'],
    ['Permanent', 'NoEmail', 'bounced', 'hard'],
    ['Permanent', 'Suppressed', 'bounced', 'hard'],
    ['Transient', 'General', 'bounced', 'soft'],
    ['Transient', 'MailboxFull', 'bounced', 'soft'],
    ['Transient', 'MessageTooLarge', 'bounced', 'soft'],
    ['Transient', 'ContentRejected', 'bounced', 'soft'],
    ['Transient', 'AttachmentRejected', 'bounced', 'soft'],
    ['Transient', 'CustomTimeoutExceeded', 'bounced', 'soft'],
    ['Undetermined', 'Undetermined', 'bounced', 'soft'],
    ['SomethingNew', 'SomethingNew', 'bounced', null],
    ['Permanent', 'OnAccountSuppressionList', 'suppressed', undefined],
    ['Permanent', 'OnTenantSuppressionList', 'suppressed', undefined],
    ['Permanent', 'EmailValidationSuppressed', 'suppressed', undefined],
    ['Permanent', 'UnsubscribedRecipient', 'suppressed', undefined],
  ])('%s %s is %s, %s', (...row) => {
    const [bounceType, bounceSubType, type, label] = row;
    const [event] = read(bounce({ bounceType, bounceSubType }));
    expect(event?.type).toBe(type);
    expect(event?.bounce?.label).toBe(label);
  });

  it.each([
    ['delayed', 'deferred'],
    ['relayed', null],
    ['failed', 'bounced'],
    [undefined, 'bounced'],
  ])('with the action %s is %s', (action, type) => {
    expect(read(bounce({}, { action }))).toMatchObject([{ type }]);
  });

  it('without a DSN has its label alone', () => {
    const bare = { action: undefined, status: undefined, diagnosticCode: undefined };
    expect(read(bounce({}, bare))).toMatchObject([
      { bounce: { label: 'hard', enhancedStatus: null, replyCode: null, diagnostic: null } },
    ]);
  });

  it.each([
    ['not-spam', null, null],
    ['auth-failure', null, null],
    ['abuse', null, 'complained'],
    [undefined, null, 'complained'],
    [undefined, 'OnAccountSuppressionList', 'suppressed'],
  ])('is no complaint: %s, %s is %s', (complaintFeedbackType, complaintSubType, type) => {
    const complainedRecipients = [{ emailAddress: ANA }];
    const complaint = { complaintFeedbackType, complaintSubType, complainedRecipients };
    expect(read({ eventType: 'Complaint', complaint })).toMatchObject([{ type }]);
  });
});

it('a notification of an identity is read the same, with our id in its headers', () => {
  const { bounce: part } = bounce({ timestamp: undefined });
  const mail = {
    timestamp: '2018-10-08T14:05:45 +0000',
    messageId: SES_ID,
    destination: [ANA],
    headers: [
      { name: 'From', value: 'hello@mail.acme.example' },
      { name: 'X-CourierX-Email-Id', value: EMAIL_ID },
    ],
  };
  expect(readEvents(wrap({ notificationType: 'Bounce', bounce: part, mail }))).toMatchObject([
    { type: 'bounced', emailId: EMAIL_ID, occurredAt: new Date('2018-10-08T14:05:45Z') },
  ]);
});

it.each([
  ['Successfully validated SNS topic for Amazon SES event publishing.', {}],
  ['[]', {}],
  ['{}', { Type: 'SubscriptionConfirmation' }],
  ['{}', { Type: 'UnsubscribeConfirmation' }],
])('%s %j holds no event', (message, changes) => {
  expect(readEvents(wrap(message, changes))).toEqual([]);
});

it('reads whatever comes without a throw', () => {
  const words = fc.constantFrom('Bounce', 'Complaint', 'Delivery', 'DeliveryDelay', 'Click', 'x');
  const part = fc.oneof(fc.jsonValue(), fc.record({ bouncedRecipients: fc.jsonValue() }));
  const message = fc.record({
    eventType: fc.oneof(words, fc.jsonValue()),
    mail: fc.oneof(
      fc.jsonValue(),
      fc.record({ destination: fc.jsonValue(), tags: fc.jsonValue() }),
    ),
    bounce: part,
    complaint: part,
    delivery: part,
    click: part,
  });
  fc.assert(
    fc.property(fc.oneof(message, fc.jsonValue()), (value) => {
      for (const { type, word, detail } of readEvents(wrap(value))) {
        if (type !== null) expect(EMAIL_EVENT_TYPES).toContain(type);
        expect(word.length).toBeLessThanOrEqual(100);
        expect(detail?.length ?? 0).toBeLessThanOrEqual(500);
      }
    }),
    { numRuns: 1000 },
  );
});
