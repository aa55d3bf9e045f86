import { afterEach, describe, expect, it } from 'vitest';
import {
  MAILGUN_DOMAIN,
  MAILGUN_KEY,
  MAILGUN_SENDING_KEY,
  MAILGUN_SIGNING_KEY,
  startFakeMailgun,
  type FakeMailgunOptions,
} from '../../../test/fakes/mailgun.ts';
import { createOutboundGuard } from '../../lib/outbound-guard.ts';
import { createProviderHttp } from '../http.ts';
import { connectionWith } from '../testing/messages.ts';
import { createMailgunWebhooks } from './webhooks.ts';

const OURS = 'https://mail.shop.example/api/v1/webhooks/mailgun/token-1';
const THEIRS = 'https://shop.example/hooks';
const TYPES = [
  'accepted',
  'clicked',
  'complained',
  'delivered',
  'opened',
  'permanent_fail',
  'temporary_fail',
  'unsubscribed',
];

describe('setting up the webhook', () => {
  const open: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const close of open.splice(0).reverse()) await close();
  });

  async function start(options?: FakeMailgunOptions) {
    const fake = await startFakeMailgun(options);
    open.push(() => fake.close());
    const guard = createOutboundGuard({ privateNetworks: 'allow' });
    const timeLimits = { connectMs: 1_000, firstByteMs: 1_000, totalMs: 2_000 };
    const http = createProviderHttp({ guard, timeLimits });
    open.push(() => http.close());
    const webhooks = createMailgunWebhooks(http);
    const setUp = (changes: { url?: string; apiKey?: string; secret?: string } = {}) => {
      const { url = OURS, apiKey = MAILGUN_KEY, secret = null } = changes;
      const settings = { endpoint: fake.url, smtp_host: MAILGUN_DOMAIN };
      const connection = connectionWith(settings, { api_key: apiKey });
      return webhooks.setup({ connection, url, secret, signal: new AbortController().signal });
    };
    const typesOf = (url: string) =>
      [...fake.webhooks].filter(([, urls]) => urls.has(url)).map(([type]) => type);
    return { fake, setUp, typesOf };
  }

  it('makes it for every event and brings the signing key back', async () => {
    const { setUp, typesOf } = await start();
    expect(await setUp()).toMatchObject({ kind: 'created', secret: MAILGUN_SIGNING_KEY });
    expect(typesOf(OURS).sort()).toEqual(TYPES);
  });

  it('mends ours and touches nothing of others', async () => {
    const { fake, setUp, typesOf } = await start();
    fake.webhooks.set('delivered', new Set([THEIRS, OURS]));
    fake.webhooks.set('opened', new Set([THEIRS]));
    expect(await setUp()).toMatchObject({ kind: 'updated', secret: MAILGUN_SIGNING_KEY });
    expect(typesOf(OURS).sort()).toEqual(TYPES);
    expect(typesOf(THEIRS)).toEqual(['delivered', 'opened']);
    expect(await setUp()).toMatchObject({ kind: 'updated' });
    expect(fake.requests.filter((request) => request.startsWith('DELETE'))).toEqual([]);
  });

  it('never makes a new signing key', async () => {
    const { fake, setUp } = await start();
    await setUp();
    const asked = fake.requests.filter((request) => request.includes('http_signing_key'));
    expect(asked).toEqual(['GET /v5/accounts/http_signing_key']);
  });

  it('says where the signing key is where it may not be read', async () => {
    const { setUp, typesOf } = await start({ signingKey: null });
    expect(await setUp()).toMatchObject({
      kind: 'manual',
      steps: [expect.stringMatching(/signing key.*webhook_secret/)],
    });
    expect(typesOf(OURS)).toHaveLength(8);
    expect(await setUp({ secret: MAILGUN_SIGNING_KEY })).toMatchObject({
      kind: 'updated',
      secret: null,
    });
  });

  it('says what to do by hand where the key may only send', async () => {
    const { fake, setUp } = await start();
    const setup = await setUp({ apiKey: MAILGUN_SENDING_KEY });
    expect(setup.kind).toBe('manual');
    expect(JSON.stringify(setup)).toContain(OURS);
    expect(JSON.stringify(setup)).not.toContain(MAILGUN_SENDING_KEY);
    expect(fake.webhooks.size).toBe(0);
  });

  it("fails with Mailgun's words where it takes no such URL", async () => {
    const { setUp } = await start();
    expect(await setUp({ url: 'http://localhost/x' })).toMatchObject({
      kind: 'failed',
      message: expect.stringMatching(/invalid URL scheme/) as string,
    });
  });

  it('is unreachable where nobody answers', async () => {
    const { fake, setUp } = await start();
    await fake.close();
    open.shift();
    expect(await setUp()).toMatchObject({ kind: 'unreachable' });
  });
});
