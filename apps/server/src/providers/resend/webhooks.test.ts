import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, it } from 'vitest';
import {
  RESEND_KEY,
  startFakeResend,
  type FakeResend,
  type FakeResendOptions,
} from '../../../test/fakes/resend.ts';
import { createOutboundGuard } from '../../lib/outbound-guard.ts';
import { createProviderHttp } from '../http.ts';
import { connectionWith } from '../testing/messages.ts';
import { createResendWebhooks } from './webhooks.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const SIGNED = {
  headers: {
    'svix-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'svix-timestamp': '1614265330',
    'svix-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  },
  body: Buffer.from('{"test": 2432232314}'),
};
const signal = new AbortController().signal;

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

function create() {
  const guard = createOutboundGuard({ privateNetworks: 'allow' });
  const timeLimits = { connectMs: 1_000, firstByteMs: 500, totalMs: 2_000 };
  const http = createProviderHttp({ guard, timeLimits });
  open.push(() => http.close());
  return createResendWebhooks(http);
}

function contextAt(seconds: number, secret: string | null = SECRET) {
  return { connection: connectionWith({}), secret, now: new Date(seconds * 1000), signal };
}

describe('a signature', () => {
  const verify = (
    changes: { headers?: Record<string, string>; body?: Buffer } = {},
    context = contextAt(1614265330),
  ) =>
    create().verify(
      { headers: { ...SIGNED.headers, ...changes.headers }, body: changes.body ?? SIGNED.body },
      context,
    );

  it("of the vendor's sample is genuine, and repeats have its id", async () => {
    expect(await verify()).toEqual({
      kind: 'genuine',
      replayKey: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    });
  });

  it.each([-300, 300])('is good %i seconds away', async (seconds) => {
    expect(await verify({}, contextAt(1614265330 + seconds))).toMatchObject({ kind: 'genuine' });
  });

  it.each([-301, 301, 86_400])('is stale %i seconds away', async (seconds) => {
    expect(await verify({}, contextAt(1614265330 + seconds))).toMatchObject({ kind: 'forged' });
  });

  const good = SIGNED.headers['svix-signature'];

  it.each([
    `v1,AAAA ${good}`,
    `${good} v1,AAAA`,
    `v1a,AAAA ${good}`,
    `v1,${Buffer.alloc(32).toString('base64')} ${good}`,
  ])('among others is found: %s', async (signatures) => {
    expect(await verify({ headers: { 'svix-signature': signatures } })).toMatchObject({
      kind: 'genuine',
    });
  });

  it.each([
    ['of another version', { 'svix-signature': good.replace('v1,', 'v1a,') }],
    ['without a version', { 'svix-signature': good.slice(3) }],
    ['that is empty', { 'svix-signature': '' }],
    ['that is cut', { 'svix-signature': good.slice(0, -8) }],
    ['with another id', { 'svix-id': 'msg_other' }],
    ['without an id', { 'svix-id': '' }],
    ['with another time', { 'svix-timestamp': '1614265331' }],
    ['with letters after the time', { 'svix-timestamp': '1614265330x' }],
  ])('%s is forged', async (_, headers) => {
    expect(await verify({ headers })).toMatchObject({ kind: 'forged' });
  });

  it('does not fit another body', async () => {
    expect(await verify({ body: Buffer.from('{"test": 2432232315}') })).toMatchObject({
      kind: 'forged',
    });
  });

  it.each([null, 'whsec_', 'whsec_c2hvcnQ=', 'no secret'])(
    'is good for nothing with the secret %j',
    async (secret) => {
      expect(await verify({}, contextAt(1614265330, secret))).toMatchObject({ kind: 'forged' });
    },
  );

  it('of a body that is no JSON object is malformed', async () => {
    const body = '[1]';
    const at = new Date('2026-11-23T10:00:00Z');
    const signature = new Webhook(SECRET).sign('msg_1', at, body);
    const headers = {
      'svix-id': 'msg_1',
      'svix-timestamp': String(at.getTime() / 1000),
      'svix-signature': signature,
    };
    const context = contextAt(at.getTime() / 1000);
    expect(await verify({ headers, body: Buffer.from(body) }, context)).toMatchObject({
      kind: 'malformed',
    });
  });

  it('made by the standardwebhooks library is genuine under either name of the headers', async () => {
    const webhooks = create();
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 24, maxLength: 64 }),
        fc.jsonValue(),
        fc.constantFrom('svix', 'webhook'),
        async (key, value, prefix) => {
          const secret = `whsec_${Buffer.from(key).toString('base64')}`;
          const body = JSON.stringify({ value });
          const at = new Date('2026-11-23T10:00:00Z');
          const headers = {
            [`${prefix}-id`]: 'msg_2',
            [`${prefix}-timestamp`]: String(at.getTime() / 1000),
            [`${prefix}-signature`]: new Webhook(secret).sign('msg_2', at, body),
          };
          const request = { headers, body: Buffer.from(body) };
          const context = { ...contextAt(0, secret), now: at };
          expect(await webhooks.verify(request, context)).toEqual({
            kind: 'genuine',
            replayKey: 'msg_2',
          });
        },
      ),
    );
  });

  it('is never genuine, and never a throw, where it is garbage', async () => {
    const webhooks = create();
    const names = ['svix-id', 'svix-timestamp', 'svix-signature', 'webhook-id'];
    const text = fc.oneof(fc.string(), fc.constantFrom(...Object.values(SIGNED.headers)));
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.constantFrom(...names), text),
        fc.uint8Array(),
        fc.option(fc.string()),
        async (headers, body, secret) => {
          const request = { headers, body: Buffer.from(body) };
          const context = contextAt(1614265330, secret ?? SECRET);
          const { kind } = await webhooks.verify(request, context);
          expect(['forged', 'malformed']).toContain(kind);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('a webhook secret', () => {
  it('is what Resend shows', () => {
    expect(create().checkSecret(SECRET)).toEqual([]);
  });

  it.each(['', 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'whsec_???', 'whsec_AAAA', 're_key'])(
    'is not %j',
    (secret) => {
      expect(create().checkSecret(secret)).toEqual([
        expect.stringMatching(/^webhook_secret must be .*whsec_/),
      ]);
    },
  );
});

describe('the set-up', () => {
  const url = 'https://mail.example/api/v1/webhooks/resend/abc';
  const other = {
    id: 'other',
    endpoint: 'https://elsewhere.example/hook',
    events: ['email.sent'],
    status: 'enabled',
    signing_secret: SECRET,
  };

  async function start(options: FakeResendOptions = {}): Promise<FakeResend> {
    const fake = await startFakeResend({ webhooks: [{ ...other }], ...options });
    open.push(() => fake.close());
    return fake;
  }

  const setUp = (fake: FakeResend, apiKey = RESEND_KEY) => {
    const connection = connectionWith({ endpoint: fake.url }, { api_key: apiKey });
    return create().setup({ connection, url, secret: null, signal });
  };

  it('makes a webhook for every event we know, and takes its secret', async () => {
    const fake = await start();
    const setup = await setUp(fake);
    const [first, made] = fake.webhooks;
    expect(first).toEqual(other);
    expect(made).toMatchObject({ endpoint: url, status: 'enabled' });
    expect(made?.events).toEqual([
      'email.sent',
      'email.delivered',
      'email.delivery_delayed',
      'email.bounced',
      'email.complained',
      'email.opened',
      'email.clicked',
      'email.failed',
      'email.suppressed',
    ]);
    expect(setup).toMatchObject({ kind: 'created', secret: made?.signing_secret });
  });

  it('mends the one that is there, and touches no other', async () => {
    const ours = {
      ...other,
      id: 'ours',
      endpoint: url,
      events: ['email.sent'],
      status: 'disabled',
    };
    const fake = await start({ webhooks: [{ ...other }, ours] });
    expect(await setUp(fake)).toMatchObject({ kind: 'updated', secret: SECRET });
    expect(fake.webhooks).toHaveLength(2);
    expect(fake.webhooks[0]).toEqual(other);
    expect(fake.webhooks[1]).toMatchObject({ status: 'enabled' });
    expect(fake.webhooks[1]?.events).toHaveLength(9);
  });

  it('says what to do by hand where the key may only send', async () => {
    const fake = await start({ permission: 'sending_access' });
    const setup = await setUp(fake);
    expect(setup).toMatchObject({ kind: 'manual' });
    expect(setup).toHaveProperty('steps', expect.arrayContaining([`Endpoint URL: ${url}`]));
  });

  it('fails with a bad key, and shows it nowhere', async () => {
    const setup = await setUp(await start(), 're_wrong_key');
    expect(setup).toMatchObject({ kind: 'failed' });
    expect(JSON.stringify(setup)).not.toContain('re_wrong_key');
  });

  it('is unreachable where nobody answers', async () => {
    const fake = await startFakeResend();
    await fake.close();
    expect(await setUp(fake)).toMatchObject({ kind: 'unreachable' });
  });
});
