import { expect, test } from 'vitest';
import { checkDomainName, tokenNameOf } from './name.ts';

test.each([
  ['mail.yourapp.com', 'mail.yourapp.com'],
  [' YourApp.COM. ', 'yourapp.com'],
  ['bücher.example', 'xn--bcher-kva.example'],
  ['BÜCHER.example', 'xn--bcher-kva.example'],
  ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
  ['shop.co.uk', 'shop.co.uk'],
  ['me.github.io', 'me.github.io'],
])('takes %j as %s', (given, domain) => {
  expect(checkDomainName(given)).toEqual({ domain });
});

test.each([
  ['https://yourapp.com', /scheme or path/],
  ['mailto:yourapp.com', /scheme or path/],
  ['yourapp.com/mail', /scheme or path/],
  ['yourapp.com?x', /scheme or path/],
  ['ada@yourapp.com', /not an email address/],
  ['localhost', /at least one dot/],
  ['com', /at least one dot/],
  ['co.uk', /public suffix/],
  ['github.io', /public suffix/],
  ['192.0.2.1', /not a valid domain name/],
  ['yourapp..com', /not a valid domain name/],
  ['-a.com', /not a valid domain name/],
  ['your app.com', /not a valid domain name/],
  ['*.yourapp.com', /not a valid domain name/],
  ['yourapp.com:80', /scheme or path|not a valid/],
  [`${'a.'.repeat(122)}com`, /too long/],
])('refuses %j', (given, why) => {
  const result = checkDomainName(given);
  expect('fault' in result && result.fault).toMatch(why);
});

test('the token goes below the domain', () => {
  expect(tokenNameOf('mail.yourapp.com')).toBe('_courierx.mail.yourapp.com');
});
