import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { everythingMessage, plainMessage } from './testing/messages.ts';
import { buildMime, compileMime } from './mime.ts';

const mimeOf = (message = plainMessage()) => buildMime(message).toString('latin1');
const headOf = (mime: string) => mime.slice(0, mime.indexOf('\r\n\r\n'));

describe('the message', () => {
  it('has the id and date of the email, the same on every attempt', () => {
    const first = headOf(mimeOf());
    expect(first).toMatch(/^Message-ID: <0199c1a2-7b3c-7d4e-8f5a-6b7c8d9e0f1a@shop\.example>\r$/m);
    expect(first).toMatch(/^Date: Sun, 22 Mar 2026 10:30:00 \+0000\r$/m);
    expect(first).toMatch(/^X-CourierX-Email-Id: 0199c1a2-7b3c-7d4e-8f5a-6b7c8d9e0f1a\r$/im);
    expect(headOf(mimeOf(plainMessage({ attemptNumber: 2 })))).toBe(first);
  });

  it('has no bare line ends and no line longer than SMTP carries', () => {
    for (const message of [plainMessage(), everythingMessage()]) {
      const mime = mimeOf(message);
      expect(mime).not.toMatch(/[^\r]\n|\r[^\n]/);
      expect(Math.max(...mime.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(998);
      expect(mime).not.toMatch(/[\u0080-\u00ff]/);
    }
  });

  it.each([
    ['text/plain', { text: 'x', html: null }],
    ['text/html', { text: null, html: '<p>x</p>' }],
    ['multipart/alternative', { text: 'x', html: '<p>x</p>' }],
  ])('is %s for %j', (type, parts) => {
    expect(headOf(mimeOf(plainMessage(parts)))).toContain(`Content-Type: ${type}`);
  });

  it('nests files, inline files and alternatives', () => {
    const types = mimeOf(everythingMessage()).match(/(?<=Content-Type: )[\w/-]+/g);
    expect(types).toEqual([
      'multipart/mixed',
      'multipart/alternative',
      'text/plain',
      'multipart/related',
      'text/html',
      'image/png',
      'application/octet-stream',
      'text/plain',
    ]);
  });

  it('is what nodemailer would stream, but for a lone CR', async () => {
    const text = fc.string({
      unit: fc.constantFrom('\r', '\n', '\r\n', '.', ' ', '=', 'é', '🛒', 'word '.repeat(20)),
    });
    const part = fc.option(text, { nil: null });
    const toComparable = (mime: Buffer) =>
      mime
        .toString('latin1')
        .replace(/--_NmP-\w+/g, '')
        .replace(/\r\n|\r|\n/g, '\r\n')
        // Where a long line is broken is free.
        .replace(/=\r\n/g, '');
    await fc.assert(
      fc.asyncProperty(part, part, fc.boolean(), async (body, html, isFull) => {
        const message = { ...(isFull ? everythingMessage() : plainMessage()), text: body, html };
        const streamed = await compileMime(message).build();
        const expected = toComparable(streamed);
        expect(toComparable(buildMime(message))).toBe(expected);
      }),
    );
  });

  it('never names who is on Bcc', () => {
    expect(headOf(mimeOf(everythingMessage()))).not.toMatch(/bcc|audit/i);
  });

  it('gives no header to whoever writes line ends into a name', () => {
    const evil = fc
      .tuple(fc.string({ unit: 'binary' }), fc.constantFrom('\r\n', '\n', '\r', '\u2028', '\u0000'))
      .map(([text, end]) => `${text}${end}X-Injected: yes${end}${end}X-Injected: body`);
    fc.assert(
      fc.property(evil, evil, (name, other) => {
        const mime = mimeOf(
          plainMessage({
            from: { address: 'a@x.test', name },
            to: [{ address: 'b@x.test', name: other }],
            replyTo: [{ address: 'c@x.test', name }],
            subject: other,
            headers: [{ name: 'X-Custom', value: name }],
            attachments: [
              { filename: other, contentType: 'a/b', contentId: 'x', content: Buffer.from('x') },
            ],
          }),
        );
        expect(mime).not.toMatch(/^X-Injected/im);
        expect(mime).not.toMatch(/[^\r]\n|\r[^\n]/);
      }),
      { numRuns: 150 },
    );
  });
});
