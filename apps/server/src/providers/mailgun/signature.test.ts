import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkSecret, verifySignature } from './signature.ts';

const KEY = 'key-test-signing-0001';
const TOKEN = 'a8ce0edb2dd8301dee6c2405235584e45aa91d1e9f979f3de0';
const TIME = 1_529_006_854;
const VALUE = '9ebde199c32994e8139a2e54deea449bf9ef24c2a38174cf75cdaa0157c9ba66';

const signed = { timestamp: String(TIME), token: TOKEN, signature: VALUE };
const sign = (timestamp: string, token: string, key = KEY) => ({
  timestamp,
  token,
  signature: createHmac('sha256', key)
    .update(timestamp + token)
    .digest('hex'),
});
const bodyOf = (signature: unknown) =>
  Buffer.from(JSON.stringify({ signature, 'event-data': { event: 'delivered' } }));
const verify = (
  body: Buffer,
  { secret = KEY, at = TIME }: { secret?: string | null; at?: number } = {},
) => verifySignature({ headers: {}, body }, { secret, now: new Date(at * 1000) });

describe('a request', () => {
  it('signed with the key is genuine, by the check value of the fact sheet', () => {
    expect(verify(bodyOf(signed))).toEqual({ kind: 'genuine', replayKey: TOKEN });
    expect(verify(bodyOf({ ...signed, signature: VALUE.toUpperCase() }))).toMatchObject({
      kind: 'genuine',
    });
  });

  it.each([
    ['repeated eight hours later', TIME + 8 * 3600, 'genuine'],
    ['of a clock that is a little ahead', TIME - 600, 'genuine'],
    ['older than half a day', TIME + 13 * 3600, 'forged'],
    ['from the future', TIME - 3600, 'forged'],
  ])('%s is %s', (_, at, kind) => {
    expect(verify(bodyOf(signed), { at })).toMatchObject({ kind });
  });

  it.each([
    ['with another key', sign(String(TIME), TOKEN, 'key-of-somebody-else')],
    ['with another token', { ...signed, token: TOKEN.replace('a', 'b') }],
    ['with another time', { ...signed, timestamp: String(TIME + 1) }],
    ['with another signature', { ...signed, signature: VALUE.replace('9', '8') }],
    [
      'with digits moved from one to the other',
      { ...signed, timestamp: `${TIME}a`.slice(0, -1).slice(0, 9), token: `4${TOKEN}` },
    ],
  ])('signed %s is forged unless nothing differs', (_, signature) => {
    expect(verify(bodyOf(signature)).kind).toBe('forged');
  });

  it.each([null, ''])('is forged where the connection has the key %j', (secret) => {
    const signature = sign(String(TIME), TOKEN, '');
    expect(verify(bodyOf(signature), { secret })).toMatchObject({
      kind: 'forged',
      message: expect.stringMatching(/webhook_secret/) as string,
    });
  });

  it.each([
    ['', 'malformed'],
    ['null', 'malformed'],
    ['[]', 'malformed'],
    ['{}', 'malformed'],
    [`{"signature":${JSON.stringify(signed)}}`, 'malformed'],
    ['timestamp=1&token=2&signature=3', 'malformed'],
  ])('of %j is %s', (body, kind) => {
    expect(verify(Buffer.from(body)).kind).toBe(kind);
  });

  it.each([
    { ...signed, timestamp: TIME },
    { ...signed, timestamp: '-1' },
    { ...signed, timestamp: '1e9' },
    { ...signed, token: '' },
    { ...signed, token: 'x'.repeat(201) },
    { ...signed, token: { toString: TOKEN } },
    { ...signed, signature: VALUE.slice(0, 62) },
    { ...signed, signature: [VALUE] },
    { timestamp: signed.timestamp },
  ])('with the signature %j is malformed', (signature) => {
    expect(verify(bodyOf(signature)).kind).toBe('malformed');
  });

  it('of garbage is never genuine, nor does it throw', () => {
    const hex = fc.string({
      minLength: 64,
      maxLength: 64,
      unit: fc.integer({ min: 0, max: 15 }).map((digit) => digit.toString(16)),
    });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array().map((bytes) => Buffer.from(bytes)),
          fc.json().map((json) => Buffer.from(json)),
          fc.jsonValue().map(bodyOf),
          fc
            .record({ timestamp: fc.constant(String(TIME)), token: fc.string(), signature: hex })
            .map(bodyOf),
        ),
        (body) => {
          expect(['forged', 'malformed']).toContain(verify(body).kind);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

it.each([
  [KEY, []],
  ['55c5c5c5c55f55ca5cd5f55d5c555c55', []],
  ['short', [expect.stringMatching(/^webhook_secret must be/)]],
  ['key with spaces in it', [expect.stringMatching(/^webhook_secret must be/)]],
])('the webhook secret %j has the faults %j', (secret, faults) => {
  expect(checkSecret(secret)).toEqual(faults);
});
