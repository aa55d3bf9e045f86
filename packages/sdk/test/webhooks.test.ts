import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { verifyWebhook, WebhookVerificationError } from '../src/index.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const BODY = JSON.stringify({
  event: 'delivered',
  email_id: 'e1',
  recipient: 'user@example.com',
  provider: 'sendgrid',
  timestamp: '2026-03-22T10:30:03Z',
  metadata: { user_id: 'usr_123' },
});

function sign(body = BODY, at = new Date()) {
  return {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(SECRET).sign('msg_1', at, body),
  };
}

describe('verifyWebhook', () => {
  it('gives the event of a webhook that another implementation signed', async () => {
    const event = await verifyWebhook(BODY, sign(), SECRET);

    expect(event).toMatchObject({
      event: 'delivered',
      emailId: 'e1',
      metadata: { user_id: 'usr_123' },
    });
  });

  it('gives what an account event is about', async () => {
    const body = JSON.stringify({
      event: 'connection.degraded',
      timestamp: '2026-03-22T10:30:03Z',
      data: { provider_connection_id: 'c1' },
    });
    expect(await verifyWebhook(body, sign(body), SECRET)).toEqual({
      event: 'connection.degraded',
      timestamp: '2026-03-22T10:30:03Z',
      ...{ emailId: null, recipient: null, provider: null, metadata: {} },
      data: { providerConnectionId: 'c1' },
    });
  });

  it('takes bytes, Headers, and headers in any case', async () => {
    const headers = new Headers(sign());
    const upper = Object.fromEntries(Object.entries(sign()).map(([k, v]) => [k.toUpperCase(), v]));

    await expect(
      verifyWebhook(new TextEncoder().encode(BODY), headers, SECRET),
    ).resolves.toBeTruthy();
    await expect(verifyWebhook(BODY, upper, SECRET)).resolves.toBeTruthy();
  });

  it('takes any of several signatures, as while a secret is rotated', async () => {
    const headers = sign();
    const several = `v1,AAAA v2,xyz ${headers['webhook-signature']}`;

    await expect(
      verifyWebhook(BODY, { ...headers, 'webhook-signature': several }, SECRET),
    ).resolves.toBeTruthy();
  });

  it.each([
    ['another body', [`${BODY} `, sign(), SECRET]],
    ['another secret', [BODY, sign(), 'whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA']],
    ['an old one', [BODY, sign(BODY, new Date(Date.now() - 600_000)), SECRET]],
    ['one of the future', [BODY, sign(BODY, new Date(Date.now() + 600_000)), SECRET]],
    ['no signature', [BODY, { ...sign(), 'webhook-signature': '' }, SECRET]],
    ['garbage', [BODY, { ...sign(), 'webhook-signature': 'v1,%%%% v1 x,y' }, SECRET]],
    ['a secret that is none', [BODY, sign(), 'whsec_short']],
    ['no headers', [BODY, {}, SECRET]],
  ] as const)('refuses %s', async (_name, [body, headers, secret]) => {
    await expect(verifyWebhook(body, headers, secret)).rejects.toThrow(WebhookVerificationError);
  });
});
