import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addressesIn,
  findPostmarkFault,
  type PostmarkMail,
} from '../../../test/fakes/postmark-rules.ts';
import type { OutgoingMessage } from '../message.ts';
import { everythingMessage, plainMessage } from '../testing/messages.ts';
import { findInstruction, hasLargeBody, MAX_BODY_BYTES, toPayload } from './payload.ts';

const payloadOf = (message: OutgoingMessage) => toPayload(message, 'outbound');
const faultOf = (message: OutgoingMessage) =>
  findPostmarkFault(JSON.parse(JSON.stringify(payloadOf(message))) as PostmarkMail);
const box = (address: string, name: string | null = null) => ({ address, name });
const EMAIL_ID = plainMessage().emailId;

describe('the payload', () => {
  it('of a plain mail holds nothing that was not asked for', () => {
    expect(payloadOf(plainMessage())).toEqual({
      From: 'orders@shop.example',
      To: 'ada@example.com',
      Subject: 'Order 1001',
      TextBody: 'Thanks',
      MessageStream: 'outbound',
      Metadata: { cx_email_id: EMAIL_ID, cx_attempt: `${EMAIL_ID}-1` },
      Headers: [
        { Name: 'Message-ID', Value: '<0199c1a2-7b3c-7d4e-8f5a-6b7c8d9e0f1a@shop.example>' },
        { Name: 'X-PM-KeepID', Value: 'true' },
      ],
    });
    expect(faultOf(plainMessage())).toBeNull();
  });

  it('of a mail with everything is good by the description of Postmark', () => {
    expect(faultOf(everythingMessage())).toBeNull();
  });

  it('names each recipient once, whatever its case', () => {
    const message = plainMessage({
      to: [box('a@x.test', 'A'), box('A@x.test')],
      cc: [box('b@x.test'), box('a@X.test')],
      bcc: [box('B@x.test'), box('c@x.test')],
    });
    expect(payloadOf(message)).toMatchObject({
      To: '"A" <a@x.test>',
      Cc: 'b@x.test',
      Bcc: 'c@x.test',
    });
  });

  it.each([
    [['c@x.test'], { To: 'c@x.test' }],
    [['d@x.test'], { To: 'd@x.test' }],
    [['c@x.test', 'd@x.test'], { To: 'c@x.test', Bcc: 'd@x.test' }],
    [['a@x.test'], { To: 'a@x.test' }],
  ])('for %j only has those, and always a To', (recipients, lists) => {
    const all = { to: [box('a@x.test')], cc: [box('c@x.test')], bcc: [box('d@x.test')] };
    const { To, Cc, Bcc } = payloadOf(plainMessage({ ...all, recipients }));
    expect({ To, Cc, Bcc }).toEqual({ Cc: undefined, Bcc: undefined, ...lists });
  });

  it('lets no name add a recipient', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.constantFrom('"', '\\', ',', '<'),
        (...parts) => {
          const name = `${parts.join('')}" <evil@x.test>, "`;
          const message = plainMessage({
            to: [box('a@x.test', name), box('b@x.test', `\\${name}`)],
          });
          expect(addressesIn(payloadOf(message).To)).toEqual(['a@x.test', 'b@x.test']);
        },
      ),
    );
  });

  it('leaves empty parts out', () => {
    const payload = payloadOf(plainMessage({ text: '', html: '<p>x</p>' }));
    expect(payload).toMatchObject({ HtmlBody: '<p>x</p>' });
    expect(payload).not.toHaveProperty('TextBody');
  });

  it('carries the first tag', () => {
    expect(payloadOf(plainMessage({ tags: ['a', 'b'] })).Tag).toBe('a');
  });

  it('carries metadata as text as far as it fits, and our own whatever the metadata says', () => {
    const metadata = {
      cx_email_id: 'forged',
      CX_Attempt: 'forged',
      '': 'x',
      ['k'.repeat(21)]: 'x',
      long: 'x'.repeat(81),
      n: 1,
      N: 2,
      list: [1],
      none: null,
    };
    expect(payloadOf(plainMessage({ metadata })).Metadata).toEqual({
      cx_email_id: EMAIL_ID,
      cx_attempt: `${EMAIL_ID}-1`,
      n: '1',
      list: '[1]',
      none: 'null',
    });
  });

  it('stays within the limits for any metadata and tags', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue(), { maxKeys: 30 }),
        fc.array(fc.string({ minLength: 1, maxLength: 128 })),
        (metadata, tags) => {
          const message = plainMessage({ metadata, tags });
          expect(faultOf(message)).toBeNull();
          expect(payloadOf(message).Metadata['cx_email_id']).toBe(EMAIL_ID);
        },
      ),
      { numRuns: 200 },
    );
  });
});

it('knows a body that is too large by its bytes', () => {
  expect(hasLargeBody(plainMessage({ html: 'ü'.repeat(MAX_BODY_BYTES / 2) }))).toBe(false);
  expect(hasLargeBody(plainMessage({ text: 'ü'.repeat(MAX_BODY_BYTES / 2 + 1) }))).toBe(true);
});

it('knows a header that Postmark would obey', () => {
  const headers = [{ name: 'X-PM-Something-New', value: 'yes' }];
  expect(findInstruction(plainMessage({ headers }))).toBe('X-PM-Something-New');
  expect(findInstruction(everythingMessage())).toBeNull();
});
