import { afterEach, describe, expect, it } from 'vitest';
import { POSTMARK_TOKEN, startFakePostmark } from '../../../test/fakes/postmark.ts';
import { createOutboundGuard } from '../../lib/outbound-guard.ts';
import { createProviderHttp } from '../http.ts';
import { connectionWith } from '../testing/messages.ts';
import { createPostmarkWebhooks } from './webhooks.ts';

const OURS = 'https://mail.shop.example/api/v1/webhooks/postmark/token-1';
const SECRET = 'q9Zs1randompasswordofours';

describe('setting up the webhook', () => {
  const open: (() => Promise<void>)[] = [];
  const { signal } = new AbortController();

  afterEach(async () => {
    for (const close of open.splice(0).reverse()) await close();
  });

  async function start() {
    const fake = await startFakePostmark();
    open.push(() => fake.close());
    const guard = createOutboundGuard({ privateNetworks: 'allow' });
    const timeLimits = { connectMs: 1_000, firstByteMs: 1_000, totalMs: 2_000 };
    const http = createProviderHttp({ guard, timeLimits });
    open.push(() => http.close());
    const webhooks = createPostmarkWebhooks(http);
    type Changes = { url?: string; token?: string; secret?: string | null; stream?: string };
    const setUp = (changes: Changes = {}) => {
      const { url = OURS, token = POSTMARK_TOKEN, secret = SECRET, stream } = changes;
      const settings = {
        endpoint: fake.url,
        ...(stream !== undefined && { message_stream: stream }),
      };
      const connection = connectionWith(settings, { api_key: token });
      return webhooks.setup({ connection, url, secret, signal });
    };
    return { fake, setUp, webhooks };
  }

  const theirs = { ID: 7, Url: 'https://shop.example/hooks', MessageStream: 'outbound' };

  it('makes it for every trigger, with a password its requests are then known by', async () => {
    const { fake, setUp, webhooks } = await start();
    expect(await setUp()).toMatchObject({ kind: 'created', secret: null });
    expect(fake.webhooks).toMatchObject([
      {
        Url: OURS,
        MessageStream: 'outbound',
        HttpAuth: { Username: 'courierx', Password: SECRET },
        Triggers: {
          Delivery: { Enabled: true },
          Bounce: { Enabled: true, IncludeContent: false },
          SpamComplaint: { Enabled: true, IncludeContent: false },
          Open: { Enabled: true },
          Click: { Enabled: true },
          SubscriptionChange: { Enabled: true },
        },
      },
    ]);
    const { Username, Password } = fake.webhooks[0]?.['HttpAuth'] as Record<string, string>;
    const authorization = `Basic ${Buffer.from(`${Username}:${Password}`).toString('base64')}`;
    const request = { headers: { authorization }, body: Buffer.from('{}') };
    const connection = connectionWith({});
    const context = { connection, secret: SECRET, now: new Date(), signal };
    expect(await webhooks.verify(request, context)).toMatchObject({ kind: 'genuine' });
  });

  it('mends ours and touches nothing of others', async () => {
    const { fake, setUp } = await start();
    fake.webhooks.push(theirs, { ...theirs, ID: 8, Url: OURS, Triggers: {} });
    expect(await setUp()).toMatchObject({ kind: 'updated' });
    expect(fake.webhooks).toHaveLength(2);
    expect(fake.webhooks[0]).toEqual(theirs);
    expect(fake.webhooks[1]).toMatchObject({ HttpAuth: { Password: SECRET } });
    expect(fake.requests).toEqual(['GET /webhooks?MessageStream=outbound', 'PUT /webhooks/8']);
  });

  it('is for the stream of the connection', async () => {
    const { fake, setUp } = await start();
    await setUp({ stream: 'news' });
    expect(fake.webhooks).toMatchObject([{ MessageStream: 'news' }]);
  });

  it('asks for a secret first', async () => {
    const { fake, setUp } = await start();
    expect(await setUp({ secret: null })).toMatchObject({
      kind: 'manual',
      steps: [expect.stringMatching(/webhook_secret/)],
    });
    expect(fake.requests).toEqual([]);
  });

  it('says what Postmark got when it tried the URL out', async () => {
    const { setUp } = await start();
    expect(await setUp({ url: 'https://unreachable.example/' })).toEqual({
      kind: 'failed',
      message: 'Postmark tried the webhook URL out and got no 200: Delivery 401 Unauthorized',
    });
  });

  it('fails with a bad token, without showing it', async () => {
    const { setUp } = await start();
    const setup = await setUp({ token: 'bad-token' });
    expect(setup).toMatchObject({ kind: 'failed' });
    expect(JSON.stringify(setup)).not.toMatch(/bad-token|q9Zs1/);
  });

  it('is unreachable where nobody answers', async () => {
    const { fake, setUp } = await start();
    await fake.close();
    open.shift();
    expect(await setUp()).toMatchObject({ kind: 'unreachable' });
  });
});
