import { afterEach, describe, expect, it } from 'vitest';
import {
  MAILGUN_DOMAIN,
  MAILGUN_KEY,
  MAILGUN_SENDING_KEY,
  startFakeMailgun,
  type FakeMailgunOptions,
  type MailgunMail,
} from '../../../test/fakes/mailgun.ts';
import { createOutboundGuard } from '../../lib/outbound-guard.ts';
import type { ConnectionSettings } from '../connection.ts';
import { createProviderHttp } from '../http.ts';
import { describeAdapter, type ReceivedMail } from '../testing/adapter-suite.ts';
import { HTTP_FAULTS } from '../testing/http-faults.ts';
import { connectionWith, plainMessage } from '../testing/messages.ts';
import { toReceivedMail } from '../testing/received-mime.ts';
import { createMailgun } from './index.ts';

const connect = (endpoint: string, apiKey = MAILGUN_KEY, domain = MAILGUN_DOMAIN) =>
  connectionWith({ endpoint, smtp_host: domain }, { api_key: apiKey });

describeAdapter('Mailgun', {
  create: createMailgun,
  connectionTo: (port) => connect(`http://127.0.0.1:${port}`),
  faults: [
    ...HTTP_FAULTS,
    {
      title: 'it is greeted with 200',
      serve: (socket) =>
        socket.once('data', () =>
          socket.end('HTTP/1.1 200 OK\r\ncontent-length: 25\r\n\r\nMailgun Magnificent API\r\n'),
        ),
      expected: { kind: 'failed', scope: 'connection', reason: 'misconfigured' },
    },
  ],
  async startFake() {
    const fake = await startFakeMailgun();
    return {
      connection: connect(fake.url),
      received: () => Promise.resolve(fake.ledger.map(({ mail }) => toReceived(mail))),
      close: () => fake.close(),
    };
  },
});

function toReceived({ mail, to, tags, variables }: MailgunMail): ReceivedMail {
  const emailId = variables['cx_email_id'];
  return { ...toReceivedMail(mail, to), emailId, tags, metadata: variables };
}

describe('a Mailgun connection', () => {
  const open: (() => Promise<void>)[] = [];
  const never = new AbortController().signal;

  afterEach(async () => {
    for (const close of open.splice(0).reverse()) await close();
  });

  function create() {
    const guard = createOutboundGuard({ privateNetworks: 'allow' });
    const timeLimits = { connectMs: 1_000, firstByteMs: 500, totalMs: 2_000 };
    const http = createProviderHttp({ guard, timeLimits });
    open.push(() => http.close());
    return createMailgun({ http, guard, timeLimits, keepInSandbox: () => Promise.resolve() });
  }

  async function start(options?: FakeMailgunOptions) {
    const fake = await startFakeMailgun(options);
    open.push(() => fake.close());
    return fake;
  }

  const messageId = '0199c1a2-7b3c-7d4e-8f5a-6b7c8d9e0f1a@shop.example';

  it('reports the id as events will have it', async () => {
    const fake = await start();
    const outcome = await create().send(connect(fake.url), plainMessage(), never);
    expect(outcome).toMatchObject({ kind: 'accepted', providerMessageId: messageId });
    expect(fake.ledger).toMatchObject([{ id: `<${messageId}>` }]);
  });

  it('sends one mail to several, each seeing the others', async () => {
    const fake = await start();
    const to = ['a@x.test', 'b@x.test'].map((address) => ({ address, name: null }));
    await create().send(connect(fake.url), plainMessage({ to }), never);
    expect(fake.ledger).toHaveLength(1);
    expect(fake.ledger[0]?.mail.to).toEqual(['a@x.test', 'b@x.test']);
    expect(fake.ledger[0]?.mail.mail.to).toMatchObject({ text: 'a@x.test, b@x.test' });
  });

  it('leaves a mail with a header that Mailgun would obey to others, without asking', async () => {
    const fake = await start();
    const headers = [{ name: 'X-MAILGUN-Drop-Message', value: 'yes' }];
    expect(await create().send(connect(fake.url), plainMessage({ headers }), never)).toMatchObject({
      kind: 'failed',
      scope: 'message',
      reason: 'invalid_message',
    });
    expect(fake.requests).toEqual([]);
  });

  it('is told that the key is bad', async () => {
    const fake = await start();
    const outcome = await create().send(connect(fake.url, 'key-bad'), plainMessage(), never);
    expect(outcome).toMatchObject({
      kind: 'failed',
      scope: 'connection',
      reason: 'auth_failed',
      detail: 'Forbidden',
    });
  });

  it.each([
    ['hang', 'response_timeout'],
    ['reset', 'connection_lost'],
  ] as const)('does not know at first what became of a mail after a %s', async (kind, reason) => {
    const fake = await start();
    const [provider, connection, message] = [create(), connect(fake.url), plainMessage()];
    const attempt = { message, startedAt: new Date() };
    fake.script({ do: kind, take: true });
    expect(await provider.send(connection, message, never)).toMatchObject({
      kind: 'unknown',
      reason,
    });
    expect(await provider.settle?.(connection, attempt, never)).toMatchObject({
      kind: 'accepted',
      outcome: { kind: 'accepted', providerMessageId: messageId, recipientFaults: [] },
    });
    expect(fake.ledger).toHaveLength(1);
  });

  describe('asked what became of an attempt', () => {
    const attempt = (age = 0, message = plainMessage()) => ({
      message,
      startedAt: new Date(Date.now() - age),
    });
    const event = (changes: Record<string, unknown> = {}) => ({
      event: 'accepted',
      'user-variables': { cx_email_id: plainMessage().emailId, cx_attempt: '1' },
      message: { headers: { 'message-id': messageId } },
      ...changes,
    });

    it('asks again while the index may lag, and then does not know', async () => {
      const fake = await start({ indexLags: true });
      const provider = create();
      await provider.send(connect(fake.url), plainMessage(), never);
      expect(await provider.settle?.(connect(fake.url), attempt(), never)).toMatchObject({
        kind: 'ask_again',
      });
      expect(await provider.settle?.(connect(fake.url), attempt(21_000), never)).toMatchObject({
        kind: 'not_known',
      });
    });

    it.each([
      ['another attempt', { 'user-variables': { ...event()['user-variables'], cx_attempt: '2' } }],
      ['another email', { 'user-variables': { cx_email_id: 'other', cx_attempt: '1' } }],
      ['nobody', { 'user-variables': {} }],
    ])('is not misled by an event of %s', async (_, changes) => {
      const fake = await start();
      fake.events.push(event(changes));
      expect(await create().settle?.(connect(fake.url), attempt(), never)).toMatchObject({
        kind: 'ask_again',
      });
    });

    const rejected = event({ event: 'rejected', reject: { reason: 'Not allowed' } });
    const two = plainMessage({
      to: ['a@x.test', 'b@x.test'].map((address) => ({ address, name: null })),
    });

    it.each([
      ['one recipient', plainMessage(), 'not_sent'],
      ['several recipients', two, 'ask_again'],
    ])('knows of a rejected mail to %s', async (_, message, kind) => {
      const fake = await start();
      fake.events.push(rejected);
      const settled = await create().settle?.(connect(fake.url), attempt(0, message), never);
      expect(settled).toMatchObject({ kind });
    });

    it('does not know with a key that may only send', async () => {
      const fake = await start();
      const connection = connect(fake.url, MAILGUN_SENDING_KEY);
      expect(await create().settle?.(connection, attempt(), never)).toMatchObject({
        kind: 'not_known',
      });
    });

    it('asks again when nobody answers', async () => {
      const fake = await start();
      await fake.close();
      open.pop();
      expect(await create().settle?.(connect(fake.url), attempt(), never)).toMatchObject({
        kind: 'ask_again',
      });
    });
  });

  it.each([
    ['a good key', {}, MAILGUN_KEY, 'verified', /valid/],
    ['a key that may only send', {}, MAILGUN_SENDING_KEY, 'verified', /sending only/],
    ['a bad key', {}, 'key-bad', 'failed', /not valid.*region us.*Forbidden/],
    ['an unverified domain', { domain: { state: 'unverified' } }, MAILGUN_KEY, 'failed', /DNS/],
    ['a disabled domain', { domain: { is_disabled: true } }, MAILGUN_KEY, 'failed', /disabled/],
    ['a sandbox', { domain: { type: 'sandbox' } }, MAILGUN_KEY, 'verified', /authorized/],
  ])('with %s is told so', async (...row) => {
    const [, options, apiKey, status, says] = row;
    const fake = await start(options);
    const verification = await create().verify(connect(fake.url, apiKey), never);
    expect(verification).toMatchObject({ status, message: expect.stringMatching(says) as string });
    expect(fake.ledger).toEqual([]);
  });

  it('learns whether its domain is a sandbox', async () => {
    const fake = await start({ domain: { type: 'sandbox' } });
    expect(await create().verify(connect(fake.url), never)).toMatchObject({
      learned: { isSandboxed: true, verifiedSenders: null },
    });
  });

  it.each([MAILGUN_KEY, MAILGUN_SENDING_KEY])(
    'names the region to a foreign domain, %s',
    async (key) => {
      const fake = await start();
      const connection = connect(fake.url, key, 'mg.other.example');
      const { status, message } = await create().verify(connection, never);
      expect(status).toBe('failed');
      expect(message).toMatch(/domain.*in region us/);
    },
  );

  it.each([
    [{ smtp_host: 'mg.x.test' }, []],
    [{ smtp_host: 'mg.x.test', region: 'eu' }, []],
    [{ smtp_host: 'mg.x.test', region: 'us' }, []],
    [{ smtp_host: 'mg.x.test', region: 'toString' }, ['region must be us or eu for mailgun']],
    [
      { smtp_host: 'mg.x.test/messages' },
      ['smtp_host must be the sending domain at Mailgun, such as mg.example.com'],
    ],
  ])('with the settings %j has the faults %j', (settings: ConnectionSettings, faults) => {
    expect(create().checkSettings(settings, { api_key: 'key-x' })).toEqual(faults);
  });

  it.each(['key-ключ', 'two words', ''])('refuses %j for a key', (apiKey) => {
    expect(create().checkSettings({ smtp_host: 'mg.x.test' }, { api_key: apiKey })).toHaveLength(1);
  });

  it.each([
    [{}, 'https://api.mailgun.net/v3/mg.x.test/messages.mime'],
    [{ region: 'eu' }, 'https://api.eu.mailgun.net/v3/mg.x.test/messages.mime'],
    [
      { region: 'eu', endpoint: 'https://gw.test/a/' },
      'https://gw.test/a/v3/mg.x.test/messages.mime',
    ],
    [
      { smtp_host: 'Mg.Bücher.test' },
      'https://api.mailgun.net/v3/mg.xn--bcher-kva.test/messages.mime',
    ],
  ])('with the settings %j is at %s', async (settings: ConnectionSettings, url) => {
    const urls: string[] = [];
    const provider = createMailgun({
      http: {
        request(request) {
          urls.push(request.url);
          return Promise.resolve({ kind: 'answer', status: 500, headers: {}, body: '' });
        },
        close: () => Promise.resolve(),
      },
      guard: createOutboundGuard({ privateNetworks: 'deny' }),
      timeLimits: { connectMs: 1, firstByteMs: 1, totalMs: 1 },
      keepInSandbox: () => Promise.resolve(),
    });
    const connection = connectionWith(
      { smtp_host: 'mg.x.test', ...settings },
      { api_key: 'key-x' },
    );
    await provider.send(connection, plainMessage(), never);
    expect(urls).toEqual([url]);
  });
});
