import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasControlCharacter, parseAddress, parseDomain, parseMailbox } from './address.ts';

describe('parseAddress', () => {
  it.each([
    ['ada@example.com', 'ada@example.com'],
    ['Ada.L+tag@Example.COM', 'Ada.L+tag@example.com'],
    ["o'neil_#!$%&*/=?^`{|}~-@example.com", "o'neil_#!$%&*/=?^`{|}~-@example.com"],
    ['ada@bücher.example', 'ada@xn--bcher-kva.example'],
    [`${'a'.repeat(64)}@example.com`, `${'a'.repeat(64)}@example.com`],
  ])('takes %s', (text, address) => {
    expect(parseAddress(text)).toBe(address);
  });

  it.each([
    ...[
      '',
      '@',
      'ada',
      'ada@',
      '@example.com',
      'ada@localhost',
      'a b@example.com',
      ' a@example.com',
    ],
    ...[
      '.a@example.com',
      'a.@example.com',
      'a..b@example.com',
      '"a b"@example.com',
      'a@b@example.com',
    ],
    ...[
      'a@[127.0.0.1]',
      'a@127.0.0.1',
      'a@1.2',
      'a@0x7f.1',
      'a@example.com.',
      'a@-a.com',
      'a@a-.com',
    ],
    ...['a@exa mple.com', 'a@example.com\n', 'a\u0000@example.com', 'ä@example.com'],
    ...[
      'a@example.com/x',
      'a@example.com:25',
      'a@example.com#',
      'a@%65xample.com',
      '<a@example.com>',
    ],
    `${'a'.repeat(65)}@example.com`,
    `a@${'a'.repeat(64)}.com`,
    `a@${'a.'.repeat(126)}com`,
  ])('refuses %j', (text) => {
    expect(parseAddress(text)).toBeNull();
  });

  it('answers with what it would take again', () => {
    fc.assert(
      fc.property(fc.oneof(fc.emailAddress(), fc.string({ unit: 'binary' })), (text) => {
        const address = parseAddress(text);
        if (address !== null) expect(parseAddress(address)).toBe(address);
      }),
    );
  });
});

describe('parseMailbox', () => {
  it.each([
    ['ada@example.com', null],
    ['  ada@example.com  ', null],
    ['<ada@example.com>', null],
    ['Ada <ada@example.com>', 'Ada'],
    ['Ada<ada@example.com>', 'Ada'],
    ['  Ada  Lovelace  < ada@example.com > ', 'Ada  Lovelace'],
    ['"Lovelace, Ada" <ada@example.com>', 'Lovelace, Ada'],
    ['"A \\"B\\" \\\\ <C>" <ada@example.com>', 'A "B" \\ <C>'],
    ['"" <ada@example.com>', null],
    ["Ada O'Neil (x), y <ada@example.com>", "Ada O'Neil (x), y"],
    ['Ädä 😀 <ada@example.com>', 'Ädä 😀'],
  ])('reads %s', (text, name) => {
    expect(parseMailbox(text)).toEqual({ address: 'ada@example.com', name });
  });

  it.each([
    ...[
      '',
      ' ',
      '<>',
      'Ada',
      'Ada <>',
      'Ada ada@example.com',
      'ada@example.com>',
      '<ada@example.com',
    ],
    ...['a <b> <ada@example.com>', '"a <ada@example.com>', '"a" b <ada@example.com>'],
    ...['Ada <ada@example.com> x', 'a@example.com, b@example.com', 'Ada\n<ada@example.com>'],
    `${'x'.repeat(1000)} <ada@example.com>`,
  ])('refuses %j', (text) => {
    expect(parseMailbox(text)).toBeNull();
  });

  it('takes its time with nobody', () => {
    const started = performance.now();
    const long = [' '.repeat(998) + 'x', 'x ' + ' '.repeat(990) + 'x', '"' + '\\a'.repeat(490)];
    for (let n = 0; n < 50; n += 1) long.forEach((text) => expect(parseMailbox(text)).toBeNull());
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});

it('parseDomain takes host names only', () => {
  expect(parseDomain('Mail.Example.COM')).toBe('mail.example.com');
  expect(parseDomain('münchen.example')).toBe('xn--mnchen-3ya.example');
  for (const text of ['', 'a', 'a..b', '1.2.3.4', '[::1]', 'a b.c', 'a_b.com', 'a.1', '*.a.com']) {
    expect(parseDomain(text), text).toBeNull();
  }
});

it('hasControlCharacter knows C0, DEL, C1 and the line separators', () => {
  for (const text of ['\r', 'a\nb', '\t', '\u0000', '\u007f', '\u0085', '\u2028', '\u2029']) {
    expect(hasControlCharacter(text)).toBe(true);
  }
  expect(hasControlCharacter('Grüße ✓ 😀 "<>"')).toBe(false);
});
