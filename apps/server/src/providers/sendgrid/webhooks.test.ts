import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import {
  SENDGRID_KEY,
  startFakeSendGrid,
  type FakeSendGrid,
  type FakeSendGridOptions,
} from '../../../test/fakes/sendgrid.ts';
import { signSendGridEvents, WEBHOOK_SCOPES } from '../../../test/fakes/sendgrid-webhooks.ts';
import { createOutboundGuard } from '../../lib/outbound-guard.ts';
import { createProviderHttp } from '../http.ts';
import { connectionWith } from '../testing/messages.ts';
import { createSendGridWebhooks } from './webhooks.ts';

/** From the tests of sendgrid-nodejs (MIT), by Twilio SendGrid. */
const KEY =
  'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==';
const TIMESTAMP = 1600112502;
const NAMES = {
  signature: 'x-twilio-email-event-webhook-signature',
  timestamp: 'x-twilio-email-event-webhook-timestamp',
};
const SIGNED = {
  headers: {
    [NAMES.signature]:
      'MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=',
    [NAMES.timestamp]: String(TIMESTAMP),
  },
  body: Buffer.from(
    '[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address","sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA","sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0","smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]\r\n',
  ),
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
  return createSendGridWebhooks(http);
}

function contextAt(seconds: number, secret: string | null = KEY) {
  return { connection: connectionWith({}), secret, now: new Date(seconds * 1000), signal };
}

const publicOf = (key: KeyObject) => key.export({ format: 'der', type: 'spki' }).toString('base64');
const ecKeys = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve });

describe('a signature', () => {
  const verify = (
    changes: { headers?: Record<string, string>; body?: Buffer } = {},
    context = contextAt(TIMESTAMP),
  ) =>
    create().verify(
      { headers: { ...SIGNED.headers, ...changes.headers }, body: changes.body ?? SIGNED.body },
      context,
    );

  it("of the vendor's sample is genuine", async () => {
    expect(await verify()).toEqual({ kind: 'genuine', replayKey: null });
    expect(create().read(SIGNED)).toMatchObject([
      { type: 'suppressed', providerMessageId: 'LRzXl_NHStOGhQ4kofSm_A' },
    ]);
  });

  it.each([-300, 300, 86_400, 90_000])('is good %i seconds later', async (seconds) => {
    expect(await verify({}, contextAt(TIMESTAMP + seconds))).toMatchObject({ kind: 'genuine' });
  });

  it.each([-301, -86_400, 90_001])('is stale %i seconds later', async (seconds) => {
    expect(await verify({}, contextAt(TIMESTAMP + seconds))).toMatchObject({ kind: 'forged' });
  });

  const good = SIGNED.headers[NAMES.signature] ?? '';

  it.each([
    ['that is empty', { [NAMES.signature]: '' }],
    ['that is cut', { [NAMES.signature]: good.slice(0, -8) }],
    [
      'of another key',
      {
        [NAMES.signature]:
          signSendGridEvents(ecKeys('P-256').privateKey, [], new Date(TIMESTAMP * 1000)).headers[
            NAMES.signature
          ] ?? '',
      },
    ],
    ['with another time', { [NAMES.timestamp]: String(TIMESTAMP + 1) }],
    ['without a time', { [NAMES.timestamp]: '' }],
    ['with letters after the time', { [NAMES.timestamp]: `${TIMESTAMP}x` }],
    // Zero, zero: true for any body where nobody checks the range.
    ['of zeros', { [NAMES.signature]: 'MAYCAQACAQA=' }],
  ])('%s is forged', async (_, headers) => {
    expect(await verify({ headers })).toMatchObject({ kind: 'forged' });
  });

  it('does not fit the body without the line break at its end', async () => {
    const body = SIGNED.body.subarray(0, -2);
    expect(await verify({ body })).toMatchObject({ kind: 'forged' });
  });

  it.each([null, '', 'MFkw', 'no secret', KEY.slice(0, -4)])(
    'is good for nothing with the secret %j',
    async (secret) => {
      expect(await verify({}, contextAt(TIMESTAMP, secret))).toMatchObject({ kind: 'forged' });
    },
  );

  it('of a body that is no JSON array is malformed', async () => {
    const { publicKey, privateKey } = ecKeys('P-256');
    const at = new Date('2026-11-23T10:00:00Z');
    const request = signSendGridEvents(privateKey, { event: 'open' }, at);
    const context = { ...contextAt(0, publicOf(publicKey)), now: at };
    expect(await create().verify(request, context)).toMatchObject({ kind: 'malformed' });
  });

  it('made with the key is genuine for any events, and for no others', async () => {
    const webhooks = create();
    const { publicKey, privateKey } = ecKeys('P-256');
    const at = new Date('2026-11-23T10:00:00Z');
    const context = { ...contextAt(0, publicOf(publicKey)), now: at };
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue()), fc.nat(), async (events, place) => {
        const request = signSendGridEvents(privateKey, events, at);
        expect(await webhooks.verify(request, context)).toMatchObject({ kind: 'genuine' });
        const body = Buffer.from(request.body);
        const index = place % body.length;
        body.writeUInt8(body.readUInt8(index) ^ 1, index);
        expect(await webhooks.verify({ ...request, body }, context)).toMatchObject({
          kind: 'forged',
        });
      }),
    );
  });

  it('is never genuine, and never a throw, where it is garbage', async () => {
    const webhooks = create();
    const text = fc.oneof(
      fc.string(),
      fc.base64String(),
      fc.constantFrom(...Object.values(SIGNED.headers)),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.constantFrom(...Object.values(NAMES)), text),
        fc.uint8Array(),
        fc.option(fc.oneof(fc.string(), fc.base64String({ minLength: 60, maxLength: 200 }))),
        async (headers, body, secret) => {
          const request = { headers, body: Buffer.from(body) };
          const { kind } = await webhooks.verify(request, contextAt(TIMESTAMP, secret ?? KEY));
          expect(kind).toBe('forged');
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('a webhook secret', () => {
  it('is the verification key that SendGrid shows', () => {
    expect(create().checkSecret(KEY)).toEqual([]);
  });

  it.each([
    ['nothing', ''],
    ['an API key', SENDGRID_KEY],
    ['a key of another curve', publicOf(ecKeys('P-384').publicKey)],
    ['a key of another kind', publicOf(generateKeyPairSync('ed25519').publicKey)],
    [
      'a private key',
      ecKeys('P-256').privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
    ],
    ['half a key', KEY.slice(0, 60)],
  ])('is not %s', (_, secret) => {
    expect(create().checkSecret(secret)).toEqual([
      expect.stringMatching(/^webhook_secret must be the verification key/),
    ]);
  });
});

describe('the set-up', () => {
  const url = 'https://mail.example/api/v1/webhooks/sendgrid/abc';
  const other = { id: 'other', url: 'https://elsewhere.example/hook', enabled: true, open: false };

  async function start(options: FakeSendGridOptions = {}): Promise<FakeSendGrid> {
    const fake = await startFakeSendGrid({
      webhooks: [{ ...other }],
      scopes: ['mail.send', ...WEBHOOK_SCOPES],
      ...options,
    });
    open.push(() => fake.close());
    return fake;
  }

  const setUp = (fake: FakeSendGrid, apiKey = SENDGRID_KEY) => {
    const connection = connectionWith({ endpoint: fake.url }, { api_key: apiKey });
    return create().setup({ connection, url, secret: null, signal });
  };
  const secretOf = (setup: Awaited<ReturnType<typeof setUp>>) =>
    'secret' in setup ? setup.secret : null;

  it('makes a signed webhook for every event we know, and takes its key', async () => {
    const fake = await start();
    const setup = await setUp(fake);
    const [first, made] = fake.webhooks.list;
    expect(first).toEqual(other);
    expect(made).toMatchObject({
      url,
      enabled: true,
      friendly_name: 'CourierX',
      processed: true,
      deferred: true,
      delivered: true,
      bounce: true,
      dropped: true,
      spam_report: true,
      open: true,
      click: true,
      unsubscribe: true,
      group_unsubscribe: true,
      group_resubscribe: true,
    });
    expect(setup).toMatchObject({ kind: 'created', secret: made?.public_key });
    const at = new Date('2026-11-23T10:00:00Z');
    const request = fake.webhooks.sign(made?.id ?? '', [{ event: 'open' }], at);
    const context = { ...contextAt(0, secretOf(setup)), now: at };
    expect(await create().verify(request, context)).toMatchObject({ kind: 'genuine' });
  });

  it('mends the one that is there, and touches no other', async () => {
    const ours = { id: 'ours', url, enabled: false, friendly_name: 'Mine', open: false };
    const fake = await start({ webhooks: [{ ...other }, ours] });
    const setup = await setUp(fake);
    expect(fake.webhooks.list).toHaveLength(2);
    expect(fake.webhooks.list[0]).toEqual(other);
    expect(fake.webhooks.list[1]).toMatchObject({
      enabled: true,
      friendly_name: 'Mine',
      open: true,
    });
    expect(setup).toMatchObject({
      kind: 'updated',
      secret: fake.webhooks.list[1]?.public_key,
    });
  });

  it('leaves the key as it is where it is run again', async () => {
    const fake = await start();
    const first = await setUp(fake);
    const second = await setUp(fake);
    expect(second).toMatchObject({ kind: 'updated', secret: secretOf(first) });
    expect(fake.requests.filter((request) => request.includes('/signed/'))).toHaveLength(1);
    expect(fake.webhooks.list).toHaveLength(2);
  });

  it.each([
    { scopes: ['mail.send'] },
    { scopes: ['mail.send', 'user.webhooks.event.settings.read'] },
  ])('says what to do by hand where the key has only $scopes', async ({ scopes }) => {
    const fake = await start({ scopes });
    const setup = await setUp(fake);
    expect(setup).toMatchObject({ kind: 'manual' });
    expect(setup).toHaveProperty('steps', expect.arrayContaining([`Post URL: ${url}`]));
    expect(fake.webhooks.list).toEqual([other]);
  });

  it('fails where the plan has no more webhooks, in the words of SendGrid', async () => {
    expect(await setUp(await start({ maxWebhooks: 1 }))).toEqual({
      kind: 'failed',
      message: expect.stringContaining('maximum number of webhooks') as string,
    });
  });

  it('fails with a bad key, and shows it nowhere', async () => {
    const setup = await setUp(await start(), 'SG.wrong.key');
    expect(setup).toMatchObject({ kind: 'failed' });
    expect(JSON.stringify(setup)).not.toContain('SG.wrong.key');
  });

  it('is unreachable where nobody answers', async () => {
    const fake = await startFakeSendGrid();
    await fake.close();
    expect(await setUp(fake)).toMatchObject({ kind: 'unreachable' });
  });
});
