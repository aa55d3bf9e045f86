import { afterEach, describe, expect, it } from 'vitest';
import { addressesIn, mailboxesIn } from '../../../test/fakes/postmark-rules.ts';
import {
  POSTMARK_TOKEN,
  startFakePostmark,
  type FakePostmarkOptions,
  type PostmarkMail,
} from '../../../test/fakes/postmark.ts';
import { createOutboundGuard } from '../../lib/outbound-guard.ts';
import type { ConnectionSettings } from '../connection.ts';
import { createProviderHttp } from '../http.ts';
import { describeAdapter, type ReceivedMail } from '../testing/adapter-suite.ts';
import { HTTP_FAULTS } from '../testing/http-faults.ts';
import { connectionWith, plainMessage } from '../testing/messages.ts';
import { createPostmark } from './index.ts';

const connect = (endpoint: string, settings: ConnectionSettings = {}, token = POSTMARK_TOKEN) =>
  connectionWith({ endpoint, ...settings }, { api_key: token });

describeAdapter('Postmark', {
  create: createPostmark,
  connectionTo: (port) => connect(`http://127.0.0.1:${port}`),
  faults: HTTP_FAULTS,
  async startFake() {
    const fake = await startFakePostmark();
    return {
      connection: connect(fake.url),
      received: () => Promise.resolve(fake.ledger.map(({ mail }) => toReceived(mail))),
      close: () => fake.close(),
    };
  },
});

function toReceived(mail: PostmarkMail): ReceivedMail {
  const { To, Cc = '', Bcc = '', ReplyTo = '' } = mail;
  const headers = new Map(mail.Headers.map(({ Name, Value }) => [Name.toLowerCase(), Value]));
  return {
    from: mailboxesIn(mail.From)[0] ?? { address: '', name: null },
    replyTo: mailboxesIn(ReplyTo),
    to: mailboxesIn(To),
    cc: mailboxesIn(Cc),
    recipients: [To, Cc, Bcc].flatMap(addressesIn),
    subject: mail.Subject,
    text: mail.TextBody ?? '',
    html: mail.HtmlBody ?? '',
    header: (name) => headers.get(name.toLowerCase()),
    attachments: (mail.Attachments ?? []).map((file) => ({
      filename: file['Name'] ?? '',
      contentType: file['ContentType'] ?? '',
      contentId: file['ContentID']?.replace(/^cid:/, '') ?? null,
      content: Buffer.from(file['Content'] ?? '', 'base64'),
    })),
    emailId: mail.Metadata['cx_email_id'],
    tags: mail.Tag === undefined ? [] : [mail.Tag],
    metadata: mail.Metadata,
  };
}

describe('a Postmark connection', () => {
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
    return createPostmark({ http, guard, timeLimits, keepInSandbox: () => Promise.resolve() });
  }

  async function start(options?: FakePostmarkOptions) {
    const fake = await startFakePostmark(options);
    open.push(() => fake.close());
    return fake;
  }

  const boxes = (...addresses: string[]) => addresses.map((address) => ({ address, name: null }));

  it('reports the id that the answer gave', async () => {
    const fake = await start();
    const outcome = await create().send(connect(fake.url), plainMessage(), never);
    expect(outcome).toMatchObject({ kind: 'accepted', providerMessageId: fake.ledger[0]?.id });
  });

  it('sends on the stream of its settings', async () => {
    const fake = await start();
    const provider = create();
    const news = connect(fake.url, { message_stream: 'news' });
    await provider.send(news, plainMessage(), never);
    expect(fake.ledger[0]?.mail.MessageStream).toBe('news');
    const none = connect(fake.url, { message_stream: 'none' });
    expect(await provider.send(none, plainMessage(), never)).toMatchObject({
      kind: 'failed',
      scope: 'connection',
      reason: 'misconfigured',
    });
  });

  it('tells a bad recipient from the good ones', async () => {
    const fake = await start();
    const message = plainMessage({ to: boxes('a@x.test', 'Invalid@x.test'.toLowerCase()) });
    expect(await create().send(connect(fake.url), message, never)).toMatchObject({
      kind: 'failed',
      scope: 'recipient',
      recipientFaults: [{ address: 'invalid@x.test', kind: 'rejected' }],
    });
    expect(fake.ledger).toEqual([]);
  });

  it('knows who was left out as inactive', async () => {
    const fake = await start({ inactive: ['gone@x.test', 'left@x.test'] });
    const provider = create();
    const some = plainMessage({ to: boxes('a@x.test', 'gone@x.test', 'left@x.test') });
    expect(await provider.send(connect(fake.url), some, never)).toMatchObject({
      kind: 'accepted',
      recipientFaults: [{ address: 'gone@x.test' }, { address: 'left@x.test' }],
    });
    const all = plainMessage({ to: boxes('gone@x.test', 'left@x.test') });
    expect(await provider.send(connect(fake.url), all, never)).toMatchObject({
      kind: 'rejected',
      scope: 'recipient',
    });
  });

  it('leaves what Postmark can not carry to others, without asking', async () => {
    const fake = await start();
    const provider = create();
    const headers = [{ name: 'x-pm-Bounce-Type', value: 'HardBounce' }];
    expect(await provider.send(connect(fake.url), plainMessage({ headers }), never)).toMatchObject({
      kind: 'failed',
      scope: 'message',
      reason: 'invalid_message',
    });
    const html = 'x'.repeat(5_000_001);
    expect(await provider.send(connect(fake.url), plainMessage({ html }), never)).toMatchObject({
      kind: 'failed',
      scope: 'message',
      reason: 'too_large',
    });
    expect(fake.requests).toEqual([]);
  });

  it('lets another provider have a file that Postmark forbids', async () => {
    const fake = await start();
    const content = Buffer.from('x');
    const file = { filename: 'a.exe', contentType: 'a/b', contentId: null, content };
    const message = plainMessage({ attachments: [file] });
    expect(await create().send(connect(fake.url), message, never)).toMatchObject({
      kind: 'failed',
      scope: 'message',
      reason: 'invalid_message',
    });
  });

  it.each([
    ['hang', 'response_timeout'],
    ['reset', 'connection_lost'],
  ] as const)('does not know at first what became of a mail after a %s', async (kind, reason) => {
    const fake = await start({ inactive: ['gone@x.test'] });
    const [provider, connection] = [create(), connect(fake.url, { message_stream: 'news' })];
    const message = plainMessage({ to: boxes('A@x.test', 'gone@x.test') });
    fake.script({ do: kind, take: true });
    expect(await provider.send(connection, message, never)).toMatchObject({
      kind: 'unknown',
      reason,
    });
    const attempt = { message, startedAt: new Date() };
    expect(await provider.settle?.(connection, attempt, never)).toMatchObject({
      kind: 'accepted',
      outcome: {
        kind: 'accepted',
        providerMessageId: fake.ledger[0]?.id,
        recipientFaults: [{ address: 'gone@x.test', kind: 'rejected' }],
      },
    });
    expect(fake.ledger).toHaveLength(1);
  });

  describe('asked what became of an attempt', () => {
    const attempt = (age = 0, message = plainMessage()) => ({
      message,
      startedAt: new Date(Date.now() - age),
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

    it('is not misled by another attempt of the same mail', async () => {
      const fake = await start();
      const provider = create();
      await provider.send(connect(fake.url), plainMessage({ attemptNumber: 2 }), never);
      expect(await provider.settle?.(connect(fake.url), attempt(), never)).toMatchObject({
        kind: 'ask_again',
      });
    });

    it.each([
      [{ MessageID: 'x', Metadata: {} }],
      [{ MessageID: 'x' }],
      [{ MessageID: 'x', Metadata: { cx_attempt: 'other' } }],
      [null],
    ])('does not take the mail %j for its own', async (mail) => {
      const provider = createPostmark({
        http: {
          request: () =>
            Promise.resolve({
              kind: 'answer',
              status: 200,
              headers: {},
              body: JSON.stringify({ TotalCount: 1, Messages: [mail] }),
            }),
          close: () => Promise.resolve(),
        },
        guard: createOutboundGuard({ privateNetworks: 'deny' }),
        timeLimits: { connectMs: 1, firstByteMs: 1, totalMs: 1 },
        keepInSandbox: () => Promise.resolve(),
      });
      expect(await provider.settle?.(connect('http://x.test'), attempt(), never)).toMatchObject({
        kind: 'ask_again',
      });
    });

    it('does not know where the token is refused', async () => {
      const fake = await start();
      const connection = connect(fake.url, {}, 'bad-token');
      expect(await create().settle?.(connection, attempt(), never)).toMatchObject({
        kind: 'not_known',
      });
    });
  });

  it.each([
    { what: 'a good token', status: 'verified', says: /valid/ },
    { what: 'a bad token', token: 'bad-token', status: 'failed', says: /not valid/ },
    { what: 'a broadcast stream', stream: 'news', status: 'verified', says: /valid/ },
    { what: 'no such stream', stream: 'none', status: 'failed', says: /no message stream "none"/ },
    { what: 'an archived stream', stream: 'old', status: 'failed', says: /archived/ },
    { what: 'an inbound stream', stream: 'inbound', status: 'failed', says: /incoming/ },
    { what: 'a sandbox', type: 'Sandbox', status: 'verified', says: /delivers nothing/ },
  ] as const)('with $what is told so', async (row) => {
    const { stream, token, type } = {
      stream: 'outbound',
      token: POSTMARK_TOKEN,
      type: 'Live',
      ...row,
    } as const;
    const fake = await start({ deliveryType: type });
    const connection = connect(fake.url, { message_stream: stream }, token);
    const { status, message } = await create().verify(connection, never);
    expect(status).toBe(row.status);
    expect(message).toMatch(row.says);
    expect(message).not.toContain(POSTMARK_TOKEN);
    expect(fake.ledger).toEqual([]);
  });

  it.each([
    [{}, []],
    [{ message_stream: 'news-2' }, []],
    [
      { message_stream: 'two words' },
      ['message_stream must be the id of a message stream, such as outbound'],
    ],
  ])('with the settings %j has the faults %j', (settings: ConnectionSettings, faults) => {
    expect(create().checkSettings(settings, { api_key: 'token' })).toEqual(faults);
  });

  it.each(['ключ', 'two words', '', 'POSTMARK_API_TEST'])('refuses %j for a token', (token) => {
    expect(create().checkSettings({}, { api_key: token })).toHaveLength(1);
  });
});
