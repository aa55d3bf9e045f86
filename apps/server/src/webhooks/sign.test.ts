import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { Webhook as SvixWebhook } from 'svix';
import { signWebhook } from './sign.ts';

const newSecret = () => `whsec_${randomBytes(32).toString('base64')}`;
const body = JSON.stringify({ event: 'delivered', recipient: 'jörg@example.com' });

describe.each([
  ['standardwebhooks', Webhook],
  ['svix', SvixWebhook],
])('signWebhook, as %s sees it', (_name, Verifier) => {
  test('verifies with either of two secrets, and with no other', () => {
    const [newer, older, other] = [newSecret(), newSecret(), newSecret()];
    const headers = signWebhook([newer, older], { id: 'msg_1', body, now: new Date() });
    expect(new Verifier(newer).verify(body, headers)).toEqual(JSON.parse(body));
    expect(new Verifier(older).verify(body, headers)).toEqual(JSON.parse(body));
    expect(() => new Verifier(other).verify(body, headers)).toThrow();
  });

  test('covers the id, the time and every byte of the body', () => {
    const secret = newSecret();
    const headers = signWebhook([secret], { id: 'msg_1', body, now: new Date() });
    const verifier = new Verifier(secret);
    expect(() => verifier.verify(`${body} `, headers)).toThrow();
    expect(() => verifier.verify(body, { ...headers, 'webhook-id': 'msg_2' })).toThrow();
    const later = String(Number(headers['webhook-timestamp']) + 1);
    expect(() => verifier.verify(body, { ...headers, 'webhook-timestamp': later })).toThrow();
  });
});
