import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { connectionWith } from '../testing/messages.ts';
import { createSmtpWebhooks } from './webhooks.ts';

const SECRET = 'a-secret-of-24-characters';
const webhooks = createSmtpWebhooks();
const signal = new AbortController().signal;

const contextWith = (secret: string | null) => ({
  connection: connectionWith({}),
  secret,
  now: new Date(),
  signal,
});
const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;
const verify = (authorization?: string, secret: string | null = SECRET) =>
  webhooks.verify(
    {
      headers: authorization === undefined ? {} : { authorization },
      body: Buffer.from('anything'),
    },
    contextWith(secret),
  );

describe('a posted bounce', () => {
  it.each([`Bearer ${SECRET}`, `bearer  ${SECRET} `, basic(`courierx:${SECRET}`)])(
    'with the secret is genuine: %s',
    async (authorization) => {
      expect(await verify(authorization)).toEqual({ kind: 'genuine', replayKey: null });
    },
  );

  it.each([
    undefined,
    '',
    'Bearer',
    `Bearer ${SECRET}x`,
    `Bearer ${SECRET.slice(0, -1)}`,
    SECRET,
    basic(SECRET),
    basic(`:${SECRET}`),
    basic(`other:${SECRET}`),
    basic('courierx:'),
    `Digest ${SECRET}`,
  ])('with %j is forged', async (authorization) => {
    const verdict = await verify(authorization);
    expect(verdict).toMatchObject({ kind: 'forged' });
    expect(JSON.stringify(verdict)).not.toContain(SECRET);
  });

  it.each([null, '', 'short'])('is forged where the secret is %j', async (secret) => {
    for (const given of ['', 'short', SECRET]) {
      expect(await verify(`Bearer ${given}`, secret)).toMatchObject({ kind: 'forged' });
      expect(await verify(basic(`courierx:${given}`), secret)).toMatchObject({ kind: 'forged' });
    }
  });

  it('is never genuine, and never a throw, where the secret is garbage', async () => {
    const text = fc.oneof(
      fc.string(),
      fc.string().map((value) => `Bearer ${value}`),
      fc.string({ unit: 'binary' }).map((value) => basic(`courierx:${value}`)),
    );
    await fc.assert(
      fc.asyncProperty(text, async (authorization) => {
        expect(await verify(authorization)).toMatchObject({ kind: 'forged' });
      }),
    );
  });
});

describe('a webhook secret', () => {
  it.each([SECRET, 'x'.repeat(16), 'x'.repeat(255), 'with:colons:and=signs'])('is %j', (secret) => {
    expect(webhooks.checkSecret(secret)).toEqual([]);
  });

  it.each(['', 'x'.repeat(15), 'x'.repeat(256), 'a secret with spaces', 'ein-schönes-geheimnis'])(
    'is not %j',
    (secret) => {
      expect(webhooks.checkSecret(secret)).toEqual([
        expect.stringMatching(/^webhook_secret must be 16/),
      ]);
    },
  );
});

describe('the set-up', () => {
  const url = 'https://mail.example/api/v1/webhooks/smtp/abc';
  const setUp = (secret: string | null) =>
    webhooks.setup({ connection: connectionWith({}), url, secret, signal });

  it('says how to post bounces, and shows no secret', async () => {
    const setup = await setUp(SECRET);
    expect(setup).toMatchObject({ kind: 'manual' });
    const words = JSON.stringify(setup);
    expect(words).toContain(url);
    expect(words).toContain('--data-binary @-');
    expect(words).not.toContain(SECRET);
    expect(words).not.toContain('openssl');
  });

  it('begins with a secret where there is none', async () => {
    expect(await setUp(null)).toHaveProperty('steps.0', expect.stringContaining('openssl rand'));
  });
});
