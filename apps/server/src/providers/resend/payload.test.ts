import fc from 'fast-check';
import { simpleParser, type AddressObject } from 'mailparser';
import { describe, expect, it } from 'vitest';
import { findResendFault } from '../../../test/fakes/resend-rules.ts';
import { everythingMessage, plainMessage } from '../testing/messages.ts';
import { toIdempotencyKey, toPayload } from './payload.ts';

const box = (address: string, name: string | null = null) => ({ address, name });
const IDS = [
  { name: 'cx_email_id', value: '0199c1a2-7b3c-7d4e-8f5a-6b7c8d9e0f1a' },
  { name: 'cx_attempt', value: '1' },
];

describe('the payload', () => {
  it('of a plain mail holds nothing that was not asked for', () => {
    expect(toPayload(plainMessage())).toEqual({
      from: 'orders@shop.example',
      to: ['ada@example.com'],
      subject: 'Order 1001',
      text: 'Thanks',
      tags: IDS,
    });
    expect(findResendFault(toPayload(plainMessage()))).toBeNull();
  });

  it('of a mail with everything is good by the description of Resend', () => {
    expect(findResendFault(toPayload(everythingMessage()))).toBeNull();
  });

  it('is the same bytes each time, which its key depends on', () => {
    const bytes = () => JSON.stringify(toPayload(everythingMessage()));
    expect(bytes()).toBe(bytes());
    expect(toIdempotencyKey(everythingMessage())).toBe(toIdempotencyKey(everythingMessage()));
  });

  it.each([
    [['c@x.test'], { to: ['c@x.test'] }],
    [['d@x.test'], { to: ['d@x.test'] }],
    [['c@x.test', 'd@x.test'], { to: ['c@x.test'], bcc: ['d@x.test'] }],
    [['A@x.test'], { to: ['a@x.test'] }],
  ])('for %j only has those, and always a to', (recipients, expected) => {
    const lists = { to: [box('a@x.test')], cc: [box('c@x.test'), box('A@x.test')] };
    const { to, cc, bcc } = toPayload(
      plainMessage({ ...lists, bcc: [box('d@x.test')], recipients }),
    );
    expect({ to, ...(cc && { cc }), ...(bcc && { bcc }) }).toEqual(expected);
  });

  it.each([
    ['Ada Lovelace', 'Ada Lovelace <a@x.test>'],
    ['', 'a@x.test'],
    [null, 'a@x.test'],
    ['Lovelace, Ada', '=?UTF-8?B?TG92ZWxhY2UsIEFkYQ==?= <a@x.test>'],
    ['Zoë', '=?UTF-8?B?Wm/Dqw==?= <a@x.test>'],
  ])('names a recipient %j as %j', (name, expected) => {
    expect(toPayload(plainMessage({ to: [box('a@x.test', name)] })).to).toEqual([expected]);
  });

  it.each([
    ['Acme', 'Acme <a@x.test>'],
    ['山田太郎', '山田太郎 <a@x.test>'],
    ['Acme, Inc. (EU)', 'Acme， Inc. （EU） <a@x.test>'],
    ['<script@x.test>', '＜script＠x.test＞ <a@x.test>'],
  ])('names the sender %j as %j, without quotes or encoded words', (name, expected) => {
    expect(toPayload(plainMessage({ from: box('a@x.test', name) })).from).toBe(expected);
  });

  it('brings a name of any script through', async () => {
    const names = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(names, async (text) => {
        const name = text.replace(/[\p{C}\p{Z}\s]+/gu, ' ').trim();
        fc.pre(name !== '');
        const [sent = ''] = toPayload(plainMessage({ to: [box('a@x.test', name)] })).to;
        const { to } = await simpleParser(`To: ${sent}\r\n\r\n`);
        expect((to as AddressObject).value).toEqual([{ address: 'a@x.test', name }]);
      }),
    );
  });

  it('sends an empty text only where there is nothing else', () => {
    expect(toPayload(plainMessage({ text: '', html: '<p>x</p>' }))).not.toHaveProperty('text');
    expect(toPayload(plainMessage({ text: '' }))).toMatchObject({ text: '' });
  });

  it.each([
    ['a.pdf', 'application/pdf', { filename: 'a.pdf', content_type: 'application/pdf' }],
    ['a.PDF', 'application/octet-stream', { filename: 'a.PDF' }],
    [
      'a.txt',
      'text/plain; charset=utf-8',
      { filename: 'a.txt', content_type: 'text/plain; charset=utf-8' },
    ],
    ['a', 'application/pdf', { filename: 'a.pdf', content_type: 'application/pdf' }],
    ['a', 'x/unknown', { filename: 'a.bin' }],
    ['', 'image/png', { filename: 'attachment.png', content_type: 'image/png' }],
    ['.env', 'text/plain', { filename: '.env.txt', content_type: 'text/plain' }],
  ])('the file %j of type %s goes as %j', (filename, contentType, expected) => {
    const content = Buffer.from('x');
    const file = { filename, contentType, contentId: null, content };
    const { attachments } = toPayload(plainMessage({ attachments: [file] }));
    expect(attachments).toEqual([{ content: 'eA==', ...expected }]);
  });

  describe('its tags', () => {
    const tagsOf = (changes: Parameters<typeof plainMessage>[0]) =>
      toPayload(plainMessage(changes)).tags.slice(2);

    it('are our tags by number and the metadata by key, each under a name of its own', () => {
      const metadata = {
        tag: 'x',
        customer: 42,
        'cus tomer': 'ü!',
        cus_tomer: 'b',
        cx_email_id: '',
      };
      expect(tagsOf({ tags: ['order', 'VIP kunde'], metadata })).toEqual([
        { name: 'tag', value: 'order' },
        { name: 'tag_2', value: 'VIP_kunde' },
        { name: 'tag_3', value: 'x' },
        { name: 'customer', value: '42' },
        { name: 'cus_tomer', value: '__' },
        { name: 'cus_tomer_2', value: 'b' },
        { name: 'cx_email_id_2', value: '_' },
      ]);
    });

    it('are always what Resend takes', () => {
      fc.assert(
        fc.property(
          fc.array(fc.string({ unit: 'binary', maxLength: 300 }), { maxLength: 5 }),
          fc.dictionary(fc.string({ maxLength: 300 }), fc.jsonValue(), { maxKeys: 8 }),
          (tags, metadata) => {
            const payload = toPayload(plainMessage({ tags, metadata }));
            expect(findResendFault(payload)).toBeNull();
            const names = payload.tags.map(({ name }) => name);
            expect(new Set(names).size).toBe(names.length);
          },
        ),
      );
    });

    it('are 75 at most, the metadata past them stays with us', () => {
      const metadata = Object.fromEntries(
        Array.from({ length: 100 }, (_, index) => [`key${index}`, 'x']),
      );
      const { tags } = toPayload(plainMessage({ tags: ['a'], metadata }));
      expect(tags).toHaveLength(75);
      expect(tags.slice(0, 3)).toEqual([...IDS, { name: 'tag', value: 'a' }]);
    });
  });
});
