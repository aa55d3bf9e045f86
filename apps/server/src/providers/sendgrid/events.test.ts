import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EMAIL_EVENT_TYPES } from '../event.ts';
import { readEvents } from './events.ts';

const EMAIL_ID = '0199c1a2-7b3c-7d4e-8f5a-6b7c8d9e0f1a';

const event = (word: string, changes: object = {}) => ({
  event: word,
  email: 'ada@example.com',
  timestamp: 1767225600,
  'smtp-id': '<Xj5LmNkWSOqRbdvOpR34BA@geopod-ismtpd-2>',
  sg_event_id: 'ZGVsaXZlcmVkLTAtMQ',
  sg_message_id: 'Xj5LmNkWSOqRbdvOpR34BA.recvd-85abf8d92c-3qfgp-1-6958A1C0-43.0',
  category: ['order'],
  cx_email_id: EMAIL_ID,
  ...changes,
});
const read = (...events: unknown[]) => readEvents(Buffer.from(JSON.stringify(events)));

describe('an event', () => {
  it('is read whole', () => {
    const response = '250 2.0.0 OK';
    expect(read(event('delivered', { response, ip: '203.0.113.9', tls: 1 }))).toEqual([
      {
        type: 'delivered',
        word: 'delivered',
        providerEventId: 'ZGVsaXZlcmVkLTAtMQ',
        providerMessageId: 'Xj5LmNkWSOqRbdvOpR34BA',
        emailId: EMAIL_ID,
        recipient: 'ada@example.com',
        occurredAt: new Date('2026-01-01T00:00:00Z'),
        detail: response,
        bounce: null,
        url: null,
      },
    ]);
  });

  it.each([
    ['processed', 'sent'],
    ['deferred', 'deferred'],
    ['delivered', 'delivered'],
    ['bounce', 'bounced'],
    ['dropped', 'failed'],
    ['spamreport', 'complained'],
    ['open', 'opened'],
    ['click', 'clicked'],
    ['unsubscribe', 'unsubscribed'],
    ['group_unsubscribe', 'unsubscribed'],
    ['group_resubscribe', null],
    ['account_status_change', null],
    ['brand_new', null],
    ['constructor', null],
    ['__proto__', null],
  ])('%s is %s', (word, type) => {
    expect(read(event(word))).toMatchObject([{ type, word, emailId: EMAIL_ID }]);
  });

  it('stands among others, each of its own recipient, in order', () => {
    const events = read(
      event('processed'),
      event('processed', { email: 'b@example.com' }),
      event('delivered'),
    );
    expect(events.map(({ type, recipient }) => [type, recipient])).toEqual([
      ['sent', 'ada@example.com'],
      ['sent', 'b@example.com'],
      ['delivered', 'ada@example.com'],
    ]);
  });

  it('may be without any field, or no object at all', () => {
    const nothing = { type: null, word: '', recipient: null, occurredAt: null };
    expect(read({}, null, 'x', [])).toMatchObject([nothing, nothing, nothing, nothing]);
  });

  it.each([
    [1767225600, '2026-01-01T00:00:00.000Z'],
    ['1767225600', '2026-01-01T00:00:00.000Z'],
    [0, undefined],
    [1767225600000, undefined],
    [null, undefined],
    ['soon', undefined],
  ])('has the time %j as %s', (timestamp, time) => {
    expect(read(event('open', { timestamp }))[0]?.occurredAt?.toISOString()).toBe(time);
  });

  it.each([
    ['the custom arg', { cx_email_id: EMAIL_ID }, EMAIL_ID],
    [
      'our Message-ID',
      { cx_email_id: undefined, 'smtp-id': `<${EMAIL_ID}@shop.example>` },
      EMAIL_ID,
    ],
    ['neither', { cx_email_id: undefined }, null],
    ['no id', { cx_email_id: '1 or 1=1' }, null],
  ])('is told by %s', (_, changes, emailId) => {
    expect(read(event('open', changes))).toMatchObject([{ emailId }]);
  });

  it('of nobody is kept without a type', () => {
    expect(read(event('dropped', { email: '' }))).toMatchObject([
      { type: null, word: 'dropped', recipient: null },
    ]);
  });

  it('is not mistaken for metadata of the mail, which stands beside it', () => {
    const metadata = {
      url: 'https://shop.example',
      reason: 'gift',
      response: 'x',
      status: '5.1.1',
    };
    expect(read(event('open', metadata))).toMatchObject([
      { type: 'opened', url: null, detail: null, bounce: null },
    ]);
  });
});

describe('a bounce', () => {
  it('for good has its evidence', () => {
    const [bounced] = read(
      event('bounce', {
        type: 'bounce',
        status: '5.1.1',
        reason: '550 5.1.1 no such user',
        bounce_classification: 'Invalid Address',
      }),
    );
    expect(bounced).toMatchObject({
      type: 'bounced',
      detail: 'bounce: Invalid Address: 550 5.1.1 no such user',
      bounce: {
        label: 'hard',
        enhancedStatus: '5.1.1',
        replyCode: 550,
        diagnostic: '550 5.1.1 no such user',
      },
    });
  });

  it.each([
    [{ type: 'blocked', reason: 'unable to get mx info' }, 'soft', null],
    [{ type: 'bounce', status: '5.0.0', reason: '550 5.1.1 no such user' }, 'hard', '5.1.1'],
    [{ type: 'bounce', status: '5.2.1', reason: '550 5.0.0 no' }, 'hard', '5.2.1'],
    [{ type: 'bounce', status: '5.0.0' }, 'hard', '5.0.0'],
    [{ type: 'bounce', bounce_classification: 'Reputation', status: '5.7.1' }, 'soft', '5.7.1'],
    [{ type: 'bounce', bounce_classification: 'Content' }, 'soft', null],
    [{ type: 'bounce', bounce_classification: 'Mailbox Unavailable' }, 'hard', null],
    [{ type: 'brand new' }, null, null],
    [{}, null, null],
  ])('with %j is %s, %s', (fields, label, enhancedStatus) => {
    expect(read(event('bounce', fields))).toMatchObject([
      { type: 'bounced', bounce: { label, enhancedStatus } },
    ]);
  });
});

describe('a dropped mail', () => {
  it.each([
    ['Bounced Address', 'suppressed'],
    ['Unsubscribed Address', 'suppressed'],
    ['Spam Reporting Address', 'suppressed'],
    ['Invalid', 'suppressed'],
    ['bounced address ', 'suppressed'],
    ['Spam Content', 'failed'],
    ['Recipient List over Package Quota', 'failed'],
    ['Invalid SMTPAPI header', 'failed'],
    ['Brand new', 'failed'],
  ])('for %j is %s', (reason, type) => {
    expect(read(event('dropped', { reason }))).toMatchObject([{ type, detail: reason.trim() }]);
  });
});

describe('engagement', () => {
  it('has the link of a click', () => {
    const url = 'https://shop.example/o/1001';
    expect(read(event('click', { url, url_offset: { index: 0 } }))).toMatchObject([
      { type: 'clicked', url },
    ]);
  });

  it('says where a machine opened it', () => {
    expect(read(event('open', { sg_machine_open: true }), event('open'))).toMatchObject([
      { type: 'opened', detail: 'Opened by a machine' },
      { type: 'opened', detail: null },
    ]);
  });
});

it('the test button tells of no mail and suppresses nobody', () => {
  const sg_message_id = '14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0';
  const words = ['processed', 'bounce', 'spamreport', 'unsubscribe'];
  const events = read(
    ...words.map((word) => event(word, { email: 'example@test.com', sg_message_id })),
  );
  expect(events.map(({ type, word }) => [type, word])).toEqual(words.map((word) => [null, word]));
});

it('whatever a body holds, it is read without a throw', () => {
  const words = fc.constantFrom('bounce', 'dropped', 'open', 'click', 'toString');
  const fields = fc.dictionary(
    fc.constantFrom('email', 'timestamp', 'sg_message_id', 'type', 'status', 'reason', 'url'),
    fc.jsonValue(),
  );
  const events = fc.array(
    fc.oneof(
      fc.tuple(words, fields).map(([word, more]) => event(word, more)),
      fc.jsonValue(),
    ),
  );
  fc.assert(
    fc.property(fc.oneof(events, fc.jsonValue()), (body) => {
      for (const { type } of readEvents(Buffer.from(JSON.stringify(body)))) {
        expect([null, ...EMAIL_EVENT_TYPES]).toContain(type);
      }
    }),
    { numRuns: 500 },
  );
  fc.assert(fc.property(fc.uint8Array(), (body) => Array.isArray(readEvents(Buffer.from(body)))));
});
