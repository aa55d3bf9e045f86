import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkSecret, verifyCredentials } from './signature.ts';

const SECRET = 'q9Zs1-random_password:x';
const basic = (login: string) => `Basic ${Buffer.from(login).toString('base64')}`;
const DELIVERY = '{"RecordType":"Delivery"}';

function verify(headers: Record<string, string>, body = DELIVERY, secret: string | null = SECRET) {
  return verifyCredentials({ headers, body: Buffer.from(body) }, { secret });
}

describe('a request', () => {
  it.each([
    { authorization: basic(`courierx:${SECRET}`) },
    { authorization: basic(`courierx:${SECRET}`).replace('Basic', 'basic') },
    { 'x-courierx-hook': SECRET },
    { authorization: 'Bearer of-the-proxy', 'x-courierx-hook': SECRET },
  ])('with %j is genuine', (headers) => {
    expect(verify(headers)).toEqual({ kind: 'genuine', replayKey: null });
  });

  it.each([
    {},
    { authorization: '' },
    { authorization: basic(`postmark:${SECRET}`) },
    { authorization: basic(`courierx:${SECRET} `) },
    { authorization: basic(`courierx:${SECRET.slice(1)}`) },
    { authorization: basic('courierx:') },
    { authorization: basic('') },
    { authorization: `Bearer ${SECRET}` },
    { authorization: SECRET },
    { authorization: `Basic courierx:${SECRET}` },
    { 'x-courierx-hook': `${SECRET}x` },
    { 'x-postmark-signature': SECRET },
  ] as Record<string, string>[])('with %j is forged', (headers) => {
    const verdict = verify(headers);
    expect(verdict.kind).toBe('forged');
    expect(JSON.stringify(verdict)).not.toContain(SECRET);
  });

  it.each([null, ''])('is forged where the connection has the secret %j', (secret) => {
    expect(verify({ authorization: basic('courierx:') }, DELIVERY, secret).kind).toBe('forged');
    expect(verify({ 'x-courierx-hook': '' }, DELIVERY, secret).kind).toBe('forged');
  });

  it.each([
    ['', 'genuine'],
    ['{}', 'genuine'],
    ['{"Anything":1}', 'genuine'],
    ['null', 'malformed'],
    ['[]', 'malformed'],
    ['a=b', 'malformed'],
  ])('with the right password and the body %j is %s', (body, kind) => {
    expect(verify({ 'x-courierx-hook': SECRET }, body).kind).toBe(kind);
  });

  it('of garbage is never genuine, nor does it throw', () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string().map(basic),
      fc.base64String(),
    );
    const names = fc.constantFrom('authorization', 'x-courierx-hook', 'x-postmark-signature');
    fc.assert(
      fc.property(fc.dictionary(names, value), fc.json(), (headers, body) => {
        expect(verify(headers, body).kind).toBe('forged');
      }),
      { numRuns: 1000 },
    );
  });
});

it.each([
  ['x'.repeat(32), 0],
  ['short', 1],
  ['with spaces in between', 1],
  ['ключ'.repeat(8), 1],
  ['x'.repeat(201), 1],
])('the webhook secret %j has %i faults', (secret, count) => {
  expect(checkSecret(secret)).toHaveLength(count);
});
