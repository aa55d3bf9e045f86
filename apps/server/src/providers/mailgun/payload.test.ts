import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findMailgunFault, readMailgunForm } from '../../../test/fakes/mailgun-rules.ts';
import type { OutgoingMessage } from '../message.ts';
import { everythingMessage, plainMessage } from '../testing/messages.ts';
import { findInstruction, RESERVED_HEADERS, toForm } from './payload.ts';

const textsOf = (message: OutgoingMessage) =>
  [...toForm(message).entries()].filter(([name]) => name !== 'message');
const valuesOf = (message: OutgoingMessage, name: string) => toForm(message).getAll(name);

/** What a server reads from the bytes. */
async function sent(message: OutgoingMessage): Promise<FormData> {
  const encoded = new Response(toForm(message));
  const type = encoded.headers.get('content-type') ?? '';
  return readMailgunForm(Buffer.from(await encoded.arrayBuffer()), type);
}

describe('the form', () => {
  it('of a plain mail holds nothing that was not asked for', () => {
    const form = toForm(plainMessage());
    const file = form.get('message');
    expect(file).toBeInstanceOf(File);
    expect((file as File).name).toBe('message.mime');
    expect(textsOf(plainMessage())).toEqual([
      ['to', 'ada@example.com'],
      ['v:cx_email_id', '0199c1a2-7b3c-7d4e-8f5a-6b7c8d9e0f1a'],
      ['v:cx_attempt', '1'],
      ['o:suppress-headers', 'X-Mailgun-Variables,X-Mailgun-Tag'],
    ]);
  });

  it('of a mail with everything is good by the description of Mailgun', async () => {
    expect(await findMailgunFault(await sent(everythingMessage()))).toBeNull();
  });

  it('goes to those of the attempt, each once, whatever its case', () => {
    const recipients = ['a@x.test', 'A@x.test', 'b@x.test'];
    expect(valuesOf(plainMessage({ recipients }), 'to')).toEqual(['a@x.test', 'b@x.test']);
  });

  it('carries ten different tags of ASCII at most', () => {
    const tags = ['a', 'A', 'ü', 'x'.repeat(129), ...Array.from({ length: 12 }, (_, n) => `t${n}`)];
    expect(valuesOf(plainMessage({ tags }), 'o:tag')).toEqual(['a', ...tags.slice(4, 13)]);
  });

  it('carries metadata as text, and our own id whatever the metadata says', () => {
    const metadata = {
      cx_email_id: 'forged',
      cx_attempt: '9',
      '': 'x',
      n: 1,
      list: [1],
      none: null,
    };
    const form = toForm(plainMessage({ metadata }));
    const variables = [...form.entries()].filter(([name]) => name.startsWith('v:'));
    expect(variables).toEqual([
      ['v:cx_email_id', '0199c1a2-7b3c-7d4e-8f5a-6b7c8d9e0f1a'],
      ['v:cx_attempt', '1'],
      ['v:n', '1'],
      ['v:list', '[1]'],
      ['v:none', 'null'],
    ]);
  });

  it('leaves metadata out that events would cut off, and keeps what fits', () => {
    const metadata = { small: 's', big: 'x'.repeat(3_990), after: 'ü'.repeat(1_000) };
    const names = [...toForm(plainMessage({ metadata })).keys()];
    expect(names.filter((name) => name.startsWith('v:'))).toEqual([
      'v:cx_email_id',
      'v:cx_attempt',
      'v:small',
      'v:after',
    ]);
  });

  it('lets nobody smuggle an option in', async () => {
    const evil = fc
      .tuple(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('\r\n', '\n', '\r', '"', '"; name="o:testmode', '\u0000'),
      )
      .map(([text, end]) => {
        const part = 'Content-Disposition: form-data; name="o:testmode"';
        return `${text}${end}${part}${end}${end}yes${end}--`;
      });
    await fc.assert(
      fc.asyncProperty(evil, evil, async (one, two) => {
        const message = plainMessage({
          metadata: { [one]: two, 'o:testmode': 'yes', 'recipient-variables': '{}' },
          tags: [one, two],
          subject: one,
          to: [{ address: 'b@x.test', name: two }],
        });
        const form = await sent(message);
        const names = [...form.keys()].filter((name) => !name.startsWith('v:'));
        const asked = ['to', 'message', 'o:tag', 'o:suppress-headers'];
        expect(names.filter((name) => !asked.includes(name))).toEqual([]);
        expect(form.get('o:suppress-headers')).toBe('X-Mailgun-Variables,X-Mailgun-Tag');
        expect(form.get('v:o:testmode')).toBe('yes');
        expect(form.getAll('to')).toEqual(['b@x.test']);
        expect(await findMailgunFault(form)).toBeNull();
      }),
      { numRuns: 100 },
    );
  });
});

it('knows every header that Mailgun would obey', () => {
  for (const name of [...RESERVED_HEADERS, 'X-Mailgun-Something-New']) {
    expect(findInstruction(plainMessage({ headers: [{ name, value: 'yes' }] }))).toBe(name);
  }
  expect(findInstruction(everythingMessage())).toBeNull();
});
