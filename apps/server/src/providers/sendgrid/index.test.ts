import { afterEach, describe, expect, it } from 'vitest';
import {
  SENDGRID_KEY,
  startFakeSendGrid,
  type FakeSendGrid,
  type SendGridMail,
} from '../../../test/fakes/sendgrid.ts';
import { createOutboundGuard } from '../../lib/outbound-guard.ts';
import { createProviderHttp } from '../http.ts';
import type { Address } from '../message.ts';
import type { ConnectionSettings } from '../connection.ts';
import { describeAdapter, type ReceivedMail } from '../testing/adapter-suite.ts';
import { HTTP_FAULTS } from '../testing/http-faults.ts';
import { connectionWith, plainMessage } from '../testing/messages.ts';
import { createSendGrid } from './index.ts';

const connect = (endpoint: string, apiKey = SENDGRID_KEY) =>
  connectionWith({ endpoint }, { api_key: apiKey });

describeAdapter('SendGrid', {
  create: createSendGrid,
  connectionTo: (port) => connect(`http://127.0.0.1:${port}`),
  faults: HTTP_FAULTS,
  async startFake() {
    const fake = await startFakeSendGrid();
    return {
      connection: connect(fake.url),
      received: () => Promise.resolve(fake.ledger.map(({ mail }) => toReceived(mail))),
      close: () => fake.close(),
    };
  },
});

const fromBox = ({ email, name }: { email: string; name?: string }): Address => ({
  address: email,
  name: name ?? null,
});

function toReceived(mail: SendGridMail): ReceivedMail {
  const { to = [], cc = [], bcc = [] } = mail.personalizations[0] ?? {};
  const contentOf = (type: string) => mail.content.find((part) => part.type === type)?.value ?? '';
  const headers = new Map(
    Object.entries(mail.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return {
    from: fromBox(mail.from),
    replyTo: (mail.reply_to_list ?? []).map(fromBox),
    to: to.map(fromBox),
    cc: cc.map(fromBox),
    recipients: [...to, ...cc, ...bcc].map(({ email }) => email),
    subject: mail.subject,
    text: contentOf('text/plain'),
    html: contentOf('text/html'),
    header: (name) => headers.get(name.toLowerCase()),
    attachments: (mail.attachments ?? []).map((file) => ({
      filename: file.filename,
      contentType: file.type ?? '',
      contentId: file.disposition === 'inline' ? (file.content_id ?? '') : null,
      content: Buffer.from(file.content, 'base64'),
    })),
    emailId: mail.custom_args?.['cx_email_id'],
    tags: mail.categories ?? [],
    metadata: mail.custom_args ?? {},
  };
}

describe('a SendGrid connection', () => {
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
    return createSendGrid({ http, guard, timeLimits, keepInSandbox: () => Promise.resolve() });
  }

  async function start(options?: Parameters<typeof startFakeSendGrid>[0]): Promise<FakeSendGrid> {
    const fake = await startFakeSendGrid(options);
    open.push(() => fake.close());
    return fake;
  }

  it('reports the id that the answer gave', async () => {
    const fake = await start();
    const outcome = await create().send(connect(fake.url), plainMessage(), never);
    expect(outcome).toMatchObject({ providerMessageId: fake.ledger[0]?.messageId });
  });

  it('is told a bad recipient from the good ones', async () => {
    const fake = await start();
    const to = ['a@x.test', 'invalid@x.test', 'b@x.test'];
    const message = plainMessage({ to: to.map((address) => ({ address, name: null })) });
    expect(await create().send(connect(fake.url), message, never)).toMatchObject({
      kind: 'failed',
      scope: 'recipient',
      recipientFaults: [{ address: 'invalid@x.test', kind: 'rejected' }],
    });
    expect(fake.ledger).toEqual([]);
  });

  it.each([
    ['hang', 'response_timeout'],
    ['reset', 'connection_lost'],
  ] as const)('does not know what became of a mail after a %s', async (kind, reason) => {
    const fake = await start();
    fake.script({ do: kind, take: true });
    const outcome = await create().send(connect(fake.url), plainMessage(), never);
    expect(outcome).toMatchObject({ kind: 'unknown', reason, statusCode: null });
    expect(fake.ledger).toHaveLength(1);
    expect(fake.requests).toHaveLength(1);
  });

  it('takes an endpoint with a path', async () => {
    const fake = await start();
    await create().send(connect(`${fake.url}/gateway/`), plainMessage(), never);
    expect(fake.requests).toEqual(['POST /gateway/v3/mail/send']);
  });

  it.each([
    {
      what: 'a key it does not know',
      options: { apiKey: 'SG.x' },
      status: 'failed',
      says: /not valid/,
    },
    {
      what: 'a key that may not send',
      options: { scopes: [] },
      status: 'failed',
      says: /Mail Send/,
    },
    { what: 'a good key', options: {}, status: 'verified', says: /valid/ },
  ])('with $what is told so', async ({ options, status, says }) => {
    const fake = await start(options);
    const verification = await create().verify(connect(fake.url), never);
    expect(verification).toEqual({ status, message: expect.stringMatching(says) as string });
    expect(fake.requests).toEqual(['GET /v3/scopes']);
  });

  it.each([
    [{}, []],
    [{ region: 'eu' }, []],
    [{ region: 'global' }, []],
    [{ region: 'toString' }, ['region must be global or eu for sendgrid']],
  ])('with the settings %j has the faults %j', (settings: ConnectionSettings, faults) => {
    expect(create().checkSettings(settings, { api_key: 'SG.x' })).toEqual(faults);
  });

  it.each(['SG.ключ', 'two words', ''])('refuses %j for a key', (apiKey) => {
    expect(create().checkSettings({}, { api_key: apiKey })).toHaveLength(1);
  });

  it.each([
    [{}, 'https://api.sendgrid.com/v3/mail/send'],
    [{ region: 'eu' }, 'https://api.eu.sendgrid.com/v3/mail/send'],
    [{ region: 'eu', endpoint: 'https://gw.example/' }, 'https://gw.example/v3/mail/send'],
  ])('with the settings %j is at %s', async (settings: ConnectionSettings, url) => {
    const urls: string[] = [];
    const provider = createSendGrid({
      http: {
        request(request) {
          urls.push(request.url);
          return Promise.resolve({ kind: 'answer', status: 202, headers: {}, body: '' });
        },
        close: () => Promise.resolve(),
      },
      guard: createOutboundGuard({ privateNetworks: 'deny' }),
      timeLimits: { connectMs: 1, firstByteMs: 1, totalMs: 1 },
      keepInSandbox: () => Promise.resolve(),
    });
    await provider.send(connectionWith(settings, { api_key: 'SG.x' }), plainMessage(), never);
    expect(urls).toEqual([url]);
  });
});
