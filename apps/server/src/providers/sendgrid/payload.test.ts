import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findSendGridFaults, type SendGridMail } from '../../../test/fakes/sendgrid-rules.ts';
import type { OutgoingMessage } from '../message.ts';
import { everythingMessage, plainMessage } from '../testing/messages.ts';
import { toPayload } from './payload.ts';

const faultsOf = (message: OutgoingMessage) =>
  findSendGridFaults(JSON.parse(JSON.stringify(toPayload(message))) as SendGridMail);
const box = (address: string, name: string | null = null) => ({ address, name });

describe('the payload', () => {
  it('of a plain mail holds nothing that was not asked for', () => {
    expect(toPayload(plainMessage())).toEqual({
      personalizations: [{ to: [{ email: 'ada@example.com' }] }],
      from: { email: 'orders@shop.example' },
      subject: 'Order 1001',
      content: [{ type: 'text/plain', value: 'Thanks' }],
      headers: { 'Message-ID': '<0199c1a2-7b3c-7d4e-8f5a-6b7c8d9e0f1a@shop.example>' },
      custom_args: { cx_email_id: '0199c1a2-7b3c-7d4e-8f5a-6b7c8d9e0f1a' },
    });
    expect(faultsOf(plainMessage())).toEqual([]);
  });

  it('of a mail with everything is good by the description of SendGrid', () => {
    expect(faultsOf(everythingMessage())).toEqual([]);
  });

  it('names each recipient once, whatever its case', () => {
    const message = plainMessage({
      to: [box('a@x.test', 'A'), box('A@x.test')],
      cc: [box('b@x.test'), box('a@X.test')],
      bcc: [box('B@x.test'), box('c@x.test')],
    });
    expect(toPayload(message).personalizations).toEqual([
      {
        to: [{ email: 'a@x.test', name: 'A' }],
        cc: [{ email: 'b@x.test' }],
        bcc: [{ email: 'c@x.test' }],
      },
    ]);
  });

  it.each([
    [['c@x.test'], { to: [{ email: 'c@x.test' }] }],
    [['d@x.test'], { to: [{ email: 'd@x.test' }] }],
    [['c@x.test', 'd@x.test'], { to: [{ email: 'c@x.test' }], bcc: [{ email: 'd@x.test' }] }],
    [['a@x.test'], { to: [{ email: 'a@x.test' }] }],
  ])('for %j only has those, and always a to', (recipients, personalization) => {
    const lists = { to: [box('a@x.test')], cc: [box('c@x.test')], bcc: [box('d@x.test')] };
    const message = plainMessage({ ...lists, recipients });
    expect(toPayload(message).personalizations).toEqual([personalization]);
  });

  it('leaves empty parts out', () => {
    expect(toPayload(plainMessage({ text: '', html: '<p>x</p>' })).content).toEqual([
      { type: 'text/html', value: '<p>x</p>' },
    ]);
  });

  it('carries ten different tags at most', () => {
    const tags = ['a', 'a', ...Array.from({ length: 18 }, (_, index) => `tag ${index}`)];
    const { categories } = toPayload(plainMessage({ tags }));
    expect(categories).toEqual(['a', ...tags.slice(2, 11)]);
  });

  it('carries metadata as text, and our own id whatever the metadata says', () => {
    const metadata = { cx_email_id: 'forged', n: 1, yes: true, none: null, list: [1], text: 't' };
    expect(toPayload(plainMessage({ metadata })).custom_args).toEqual({
      cx_email_id: '0199c1a2-7b3c-7d4e-8f5a-6b7c8d9e0f1a',
      n: '1',
      yes: 'true',
      none: 'null',
      list: '[1]',
      text: 't',
    });
  });

  it('leaves metadata out that does not fit, and keeps what does', () => {
    const metadata = { small: 's', big: 'x'.repeat(9_990), after: 'ü'.repeat(1000) };
    const message = plainMessage({ metadata });
    expect(Object.keys(toPayload(message).custom_args)).toEqual(['cx_email_id', 'small', 'after']);
    expect(faultsOf(message)).toEqual([]);
  });

  it('stays within the limits for any metadata and tags', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()),
        fc.array(fc.string({ minLength: 1, maxLength: 128 })),
        fc.string({ maxLength: 12_000 }),
        (dictionary, tags, long) => {
          const message = plainMessage({ metadata: { ...dictionary, long }, tags });
          expect(faultsOf(message)).toEqual([]);
          expect(toPayload(message).custom_args['cx_email_id']).toBe(message.emailId);
        },
      ),
      { numRuns: 200 },
    );
  });
});
