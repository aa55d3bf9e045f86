import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalizeEmail } from './normalize.ts';

const good = { from: 'a@yourapp.test', to: 'b@example.com', subject: 'Hi', text: 'x' };
const faultsOf = (over: Record<string, unknown>) =>
  normalizeEmail({ ...good, ...over }, null).faults;

describe('normalizeEmail', () => {
  it('takes short and long names of the same fields', () => {
    const long = {
      from_email: 'a@yourapp.test',
      to_email: 'b@example.com',
      subject: 'Hi',
      text_body: 'x',
    };
    expect(normalizeEmail(long, null).email).toEqual(normalizeEmail(good, null).email);
    expect(faultsOf({ from_email: 'c@yourapp.test' })).toEqual([
      'Give either from or from_email, not both',
    ]);
  });

  it('names every fault at once', () => {
    expect(normalizeEmail({ from: 'nobody', cc: 'also wrong' }, null).faults).toEqual([
      'from_email is not a valid email address: "nobody"',
      'to_email is required',
      'cc is not a valid email address: "also wrong"',
      'Subject is required',
      'html_body or text_body is required',
    ]);
  });

  it.each([
    ['b@x>\r\nRCPT TO:<c@y>'],
    ['b@x.test, c@y.test'],
    ['b@x.test c@y.test'],
    ['<b@x.test'],
    ['b@localhost'],
    ['b@[127.0.0.1]'],
    ['b@1.2.3.4'],
    ['"quoted local"@x.test'],
    ['b@x..test'],
    ['.b@x.test'],
    ['b.@x.test'],
    ['b@@x.test'],
    ['b@-x.test'],
    ['b@x.test\u0000'],
    ['b@x.te\u2028st'],
    [`${'b'.repeat(65)}@x.test`],
    [`b@${'x'.repeat(64)}.test`],
    ['Ada <b@x.test> <c@y.test>'],
    ['Ada\r\nBcc: c@y.test <b@x.test>'],
    ['团队@例子.测试'],
  ])('refuses %j as an address', (to) => {
    expect(faultsOf({ to })).toHaveLength(1);
  });

  it.each([
    ['user+tag@example.com', 'user+tag@example.com'],
    ["o'brien@example.co.uk", "o'brien@example.co.uk"],
    ['Ada <ada@Example.COM>', 'ada@example.com'],
    ['ada@bücher.example', 'ada@xn--bcher-kva.example'],
    [' ada@example.com ', 'ada@example.com'],
  ])('takes %j', (to, address) => {
    expect(normalizeEmail({ ...good, to }, null).email?.recipients).toMatchObject([{ address }]);
  });

  it.each([
    [{ subject: 'a\r\nBcc: x@y.test' }, /Subject must not contain/],
    [{ subject: 'x'.repeat(901) }, /Subject is too long/],
    [{ subject: '  ' }, /Subject is required/],
    [{ headers: { 'X-A': 'b\r\nBcc: c@d.test' } }, /headers\["X-A"\] must not contain/],
    [{ headers: { 'X-A\r\nB': 'c' } }, /is not a valid header name/],
    [{ headers: { 'X-A': 'x'.repeat(901) } }, /headers\["X-A"\] is too long/],
    [{ headers: { Bcc: 'c@d.test' } }, /headers\["Bcc"\] is reserved/],
    [{ headers: { 'X-A': '1', 'x-a': '2' } }, /headers\["x-a"\] is given twice/],
    [{ to: Array.from({ length: 51 }, (_, i) => `u${i}@example.com`) }, /Too many recipients: 51/],
    [{ text: '', html: null }, /html_body or text_body is required/],
    [
      { attachments: [{ filename: 'a', content: '***' }] },
      /attachments\[0\].content is not valid base64/,
    ],
    [
      { attachments: [{ filename: 'a', content: 'abc' }] },
      /attachments\[0\].content is not valid base64/,
    ],
    [{ attachments: [{ filename: 'a', content: '' }] }, /attachments\[0\].content is empty/],
    [{ attachments: [{ filename: 'a', content: 'data:x;base64,AA==' }] }, /plain base64/],
    [{ attachments: [{ filename: 'a\nb', content: 'AA==' }] }, /filename must not contain/],
    [{ attachments: [{ filename: 'a', content: 'AA==', content_type: 'x\r\ny' }] }, /content_type/],
    ...[
      ...['a/b; x="1\r\nBcc: c@y.test"', 'a/b;\r\n x=1', 'a/b; x="\u0000"', 'a/b; x="é"'],
      ...['a/b; x="\\"', 'a/b; x=" y', 'a/b\n', 'text'],
    ].map((content_type): [Record<string, unknown>, RegExp] => [
      { attachments: [{ filename: 'a', content: 'AA==', content_type }] },
      /attachments\[0\]\.content_type must look like/,
    ]),
    [{ attachments: [{ filename: 'a', content: 'AA==', content_id: '<a>' }] }, /content_id/],
    [{ text: 'x'.repeat(41 * 1024 * 1024) }, /41 MB encoded/],
    [{ from_name: 'a\r\nBcc: c@y.test' }, /^from_name must not contain control characters/],
    [{ to_name: 'x'.repeat(256) }, /^to_name is too long/],
    [{ cc: { email: 'b@x.test', name: 'a\nb' } }, /^cc\.name must not contain/],
    [{ tags: [''] }, /tags\[0\] is empty/],
    [{ tags: ['x'.repeat(129)] }, /tags\[0\] is too long/],
    [{ metadata: { big: 'x'.repeat(20_000) } }, /metadata is too large/],
    [{ metadata: { idempotency_key: 7 } }, /metadata.idempotency_key must be a string/],
    [{ metadata: { idempotency_key: 'x'.repeat(256) } }, /idempotency_key is too long/],
    [{ to: ['a@x.test', 'b@x.test'], to_name: 'Ada' }, /to_name goes with a single recipient/],
  ])('names the fault of case %#', (over, fault) => {
    expect(faultsOf(over).join('\n')).toMatch(fault);
  });

  it.each(['text/calendar; method=REQUEST; charset="utf-8"', 'application/vnd.a+json;x="a b; c"'])(
    'takes a content type with parameters: %s',
    (content_type) => {
      expect(faultsOf({ attachments: [{ filename: 'a', content: 'AA==', content_type }] })).toEqual(
        [],
      );
    },
  );

  it('sends one copy to an address that stands in two lists', () => {
    const { email } = normalizeEmail({ ...good, cc: ['B@example.com', 'c@example.com'] }, null);
    expect(email?.recipients.map(({ type, address }) => [type, address])).toEqual([
      ['to', 'b@example.com'],
      ['cc', 'c@example.com'],
    ]);
  });

  it('never throws, and gives either faults or an email, whatever comes', () => {
    fc.assert(
      fc.property(fc.anything(), fc.option(fc.string()), (body, key) => {
        const { faults, email } = normalizeEmail(body, key);
        expect(faults.length > 0).toBe(email === null);
      }),
    );
  });

  it('never lets a line break into an address or a header', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (to, value) => {
        const { email } = normalizeEmail({ ...good, to, headers: { 'X-A': value } }, null);
        const text = JSON.stringify([email?.recipients, email?.headers]);
        expect(/\\[rn]/.test(text.replaceAll('\\\\', ''))).toBe(false);
      }),
    );
  });
});
