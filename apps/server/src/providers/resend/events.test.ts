import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EMAIL_EVENT_TYPES } from '../event.ts';
import { readEvents } from './events.ts';

const EMAIL_ID = '0199c1a2-7b3c-7d4e-8f5a-6b7c8d9e0f1a';
const RESEND_ID = '9b0f7c1e-5d0a-4a57-8f7b-2f0b7f1c7a11';

const event = (type: string, data: object = {}) => ({
  type,
  created_at: '2026-11-23T10:00:09.000Z',
  data: {
    email_id: RESEND_ID,
    created_at: '2026-11-23 10:00:00.904123+00:00',
    from: 'Acme <hello@mail.acme.example>',
    to: ['ana@customer.example'],
    subject: 'Your receipt',
    tags: { cx_email_id: EMAIL_ID, cx_attempt: '1', tag: 'order' },
    ...data,
  },
});
const read = (value: unknown) => readEvents(Buffer.from(JSON.stringify(value)));

describe('an event', () => {
  it('is read whole', () => {
    expect(read(event('email.delivered'))).toEqual([
      {
        type: 'delivered',
        word: 'email.delivered',
        providerEventId: null,
        providerMessageId: RESEND_ID,
        emailId: EMAIL_ID,
        recipient: 'ana@customer.example',
        occurredAt: new Date('2026-11-23T10:00:09.000Z'),
        detail: null,
        bounce: null,
        url: null,
      },
    ]);
  });

  it.each([
    ['email.sent', 'sent'],
    ['email.delivered', 'delivered'],
    ['email.delivery_delayed', 'deferred'],
    ['email.bounced', 'bounced'],
    ['email.complained', 'complained'],
    ['email.opened', 'opened'],
    ['email.clicked', 'clicked'],
    ['email.failed', 'failed'],
    ['email.suppressed', 'suppressed'],
    ['email.scheduled', null],
    ['email.received', null],
    ['contact.updated', null],
    ['domain.updated', null],
    ['suppression.added', null],
    ['email.brand_new', null],
    ['constructor', null],
    ['__proto__', null],
  ])('%s is %s', (word, type) => {
    expect(read(event(word))).toMatchObject([{ type, word }]);
  });

  it('of a click has its link and time', () => {
    const click = {
      ipAddress: '203.0.113.9',
      link: 'https://acme.example/r/42',
      timestamp: '2026-11-23T11:00:00.000Z',
      userAgent: 'Mozilla/5.0',
    };
    expect(read(event('email.clicked', { click }))).toMatchObject([
      { url: 'https://acme.example/r/42', occurredAt: new Date('2026-11-23T11:00:00.000Z') },
    ]);
  });

  it('of a failure says why', () => {
    const failed = { reason: 'reached_daily_quota' };
    expect(read(event('email.failed', { failed }))).toMatchObject([
      { type: 'failed', detail: 'reached_daily_quota' },
    ]);
  });

  it('of a suppression says why', () => {
    const suppressed = {
      type: 'OnAccountSuppressionList',
      reason: 'previous_bounce',
      message: 'address is suppressed',
      diagnosticCode: [],
    };
    expect(read(event('email.suppressed', { suppressed }))).toMatchObject([
      { detail: 'OnAccountSuppressionList: previous_bounce: address is suppressed' },
    ]);
  });

  it.each([{ cx_email_id: 'forged' }, { cx_email_id: 7 }, [], null, 'x'])(
    'with the tags %j has no email id',
    (tags) => {
      expect(read(event('email.sent', { tags }))).toMatchObject([{ emailId: null }]);
    },
  );

  it.each(['Ana <ana@customer.example>', 'ana@customer.example'])('names %j bare', (to) => {
    expect(read(event('email.sent', { to: [to] }))).toMatchObject([
      { recipient: 'ana@customer.example' },
    ]);
  });
});

describe('a bounce', () => {
  const bounce = (changes: object = {}) => ({
    bounce: {
      type: 'Permanent',
      subType: 'General',
      message: 'mailbox does not exist',
      diagnosticCode: ['smtp; 550 5.1.1 user unknown'],
      ...changes,
    },
  });

  it('has its evidence', () => {
    expect(read(event('email.bounced', bounce()))).toMatchObject([
      {
        type: 'bounced',
        detail: 'Permanent: General: smtp; 550 5.1.1 user unknown: mailbox does not exist',
        bounce: {
          label: 'hard',
          enhancedStatus: '5.1.1',
          replyCode: 550,
          diagnostic: 'smtp; 550 5.1.1 user unknown',
        },
      },
    ]);
  });

  it.each([
    ['Permanent', 'hard'],
    ['Transient', 'soft'],
    ['Temporary', 'soft'],
    ['Undetermined', 'soft'],
    ['SomethingNew', 'soft'],
    [undefined, 'soft'],
  ])('of type %s is %s', (type, label) => {
    expect(read(event('email.bounced', bounce({ type })))).toMatchObject([{ bounce: { label } }]);
  });

  it('of an older payload has the message for a diagnostic', () => {
    const older = bounce({ diagnosticCode: undefined });
    expect(read(event('email.bounced', older))).toMatchObject([
      { bounce: { enhancedStatus: null, replyCode: null, diagnostic: 'mailbox does not exist' } },
    ]);
  });

  const both = { to: ['ana@customer.example', 'bo@customer.example'] };

  it('of several recipients gives each its own diagnostic', () => {
    const diagnosticCode = ['smtp; 550 5.1.1 no ana', 'smtp; 552-5.2.2 bo is full'];
    expect(read(event('email.bounced', { ...both, ...bounce({ diagnosticCode }) }))).toMatchObject([
      { recipient: 'ana@customer.example', bounce: { enhancedStatus: '5.1.1', replyCode: 550 } },
      { recipient: 'bo@customer.example', bounce: { enhancedStatus: '5.2.2', replyCode: 552 } },
    ]);
  });

  it('that does not say which of several it is for is no evidence against any', () => {
    const nothing = { label: null, enhancedStatus: null, replyCode: null, diagnostic: null };
    expect(read(event('email.bounced', { ...both, ...bounce() }))).toMatchObject([
      { recipient: 'ana@customer.example', bounce: nothing },
      { recipient: 'bo@customer.example', bounce: nothing },
    ]);
  });

  it('is kept without a type where it is a complaint that does not say of whom', () => {
    expect(read(event('email.complained', both))).toMatchObject([
      { type: null, word: 'email.complained' },
      { type: null, word: 'email.complained' },
    ]);
  });
});

it('reads whatever comes without a throw', () => {
  const data = fc.oneof(fc.jsonValue(), fc.record({ to: fc.jsonValue(), bounce: fc.jsonValue() }));
  const type = fc.oneof(fc.jsonValue(), fc.constantFrom('email.bounced', 'email.clicked'));
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.record({ type, data }).map((v) => JSON.stringify(v)),
      ),
      (body) => {
        for (const { type: ours, word, detail } of readEvents(Buffer.from(body))) {
          if (ours !== null) expect(EMAIL_EVENT_TYPES).toContain(ours);
          expect(word.length).toBeLessThanOrEqual(100);
          expect(detail?.length ?? 0).toBeLessThanOrEqual(500);
        }
      },
    ),
    { numRuns: 1000 },
  );
});
