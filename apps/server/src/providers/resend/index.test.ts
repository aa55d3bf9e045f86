import { domainToASCII } from 'node:url';
import { simpleParser, type AddressObject } from 'mailparser';
import mime from 'mime';
import { afterEach, describe, expect, it } from 'vitest';
import {
  RESEND_KEY,
  startFakeResend,
  type FakeResend,
  type FakeResendOptions,
  type ResendMail,
} from '../../../test/fakes/resend.ts';
import { createOutboundGuard } from '../../lib/outbound-guard.ts';
import { createProviderHttp } from '../http.ts';
import type { Address } from '../message.ts';
import { describeAdapter, type ReceivedMail } from '../testing/adapter-suite.ts';
import { HTTP_FAULTS } from '../testing/http-faults.ts';
import { connectionWith, everythingMessage, plainMessage } from '../testing/messages.ts';
import { createResend } from './index.ts';

const connect = (endpoint: string, apiKey = RESEND_KEY) =>
  connectionWith({ endpoint }, { api_key: apiKey });

describeAdapter('Resend', {
  create: createResend,
  connectionTo: (port) => connect(`http://127.0.0.1:${port}`),
  // The edge before Resend does not know what became of the request; the key settles it.
  faults: HTTP_FAULTS.map((fault) =>
    fault.title === 'a proxy says that the provider is away'
      ? { ...fault, expected: { kind: 'unknown', reason: 'unreadable_response' } }
      : fault,
  ),
  metadata: { customer: '42', vip: 'true', nested: '__a___1_2__', note: '_' },
  async startFake() {
    const fake = await startFakeResend();
    return {
      connection: connect(fake.url),
      received: () => Promise.all(fake.ledger.map(({ mail }) => toReceived(mail))),
      close: () => fake.close(),
    };
  },
});

async function toReceived(mail: ResendMail): Promise<ReceivedMail> {
  const { to, cc = [], bcc = [], reply_to: replyTo = [] } = mail;
  const tags = mail.tags ?? [];
  const headers = new Map(
    Object.entries(mail.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const from = /^(.*) <(.*)>$/.exec(mail.from);
  const boxes = async (list: readonly string[]) => Promise.all(list.map(parseBox));
  return {
    // The full-width forms of Resend's `from` are the same letters to Unicode.
    from: { address: from?.[2] ?? mail.from, name: from?.[1]?.normalize('NFKC') ?? null },
    replyTo: await boxes(replyTo),
    to: await boxes(to),
    cc: await boxes(cc),
    recipients: (await boxes([...to, ...cc, ...bcc])).map(({ address }) => address),
    subject: mail.subject,
    text: mail.text ?? '',
    html: mail.html ?? '',
    header: (name) => headers.get(name.toLowerCase()),
    attachments: (mail.attachments ?? []).map((file) => ({
      filename: file.filename,
      contentType: file.content_type ?? mime.getType(file.filename) ?? '',
      contentId: file.content_id ?? null,
      content: Buffer.from(file.content, 'base64'),
    })),
    emailId: tags.find(({ name }) => name === 'cx_email_id')?.value,
    tags: tags.filter(({ name }) => /^tag(_\d+)?$/.test(name)).map(({ value }) => value),
    metadata: Object.fromEntries(tags.map(({ name, value }) => [name, value])),
  };
}

/** Letter case stays, which `domainToASCII` would change. */
function toAscii(domain: string): string {
  return /^[\x21-\x7e]*$/.test(domain) ? domain : domainToASCII(domain);
}

async function parseBox(box: string): Promise<Address> {
  const { to } = await simpleParser(`To: ${box}\r\n\r\n`);
  const [parsed] = (to as AddressObject).value;
  // mailparser shows domains in their own script.
  const [local = '', domain = ''] = (parsed?.address ?? '').split('@');
  return { address: `${local}@${toAscii(domain)}`, name: parsed?.name || null };
}

describe('a Resend connection', () => {
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
    return createResend({ http, guard, timeLimits, keepInSandbox: () => Promise.resolve() });
  }

  async function start(options?: FakeResendOptions): Promise<FakeResend> {
    const fake = await startFakeResend(options);
    open.push(() => fake.close());
    return fake;
  }

  it('reports the id that the answer gave', async () => {
    const fake = await start();
    const outcome = await create().send(connect(fake.url), plainMessage(), never);
    expect(outcome).toMatchObject({ kind: 'accepted', providerMessageId: fake.ledger[0]?.id });
  });

  it('sends an attempt that is repeated once, and another attempt again', async () => {
    const fake = await start();
    const provider = create();
    const message = everythingMessage();
    const first = await provider.send(connect(fake.url), message, never);
    expect(await provider.send(connect(fake.url), message, never)).toEqual(first);
    expect(fake.ledger).toHaveLength(1);
    await provider.send(connect(fake.url), { ...message, attemptNumber: 2 }, never);
    expect(fake.ledger.map(({ idempotencyKey }) => idempotencyKey)).toEqual([
      `cx/${message.emailId}/1`,
      `cx/${message.emailId}/2`,
    ]);
  });

  it('tells a bad recipient from a bad message', async () => {
    const fake = await start();
    const message = plainMessage({ to: [{ address: 'invalid@x.test', name: null }] });
    expect(await create().send(connect(fake.url), message, never)).toMatchObject({
      kind: 'rejected',
      scope: 'recipient',
    });
  });

  describe('that does not know what became of a mail', () => {
    const startedAt = new Date();

    it.each([
      ['hang', true],
      ['hang', false],
      ['reset', true],
      ['reset', false],
    ] as const)('(%s, taken: %s) settles it with the same request', async (kind, take) => {
      const fake = await start();
      const provider = create();
      const message = everythingMessage();
      fake.script({ do: kind, take });
      const outcome = await provider.send(connect(fake.url), message, never);
      expect(outcome).toMatchObject({ kind: 'unknown', statusCode: null });
      expect(fake.ledger).toHaveLength(take ? 1 : 0);
      const settlement = await provider.settle?.(connect(fake.url), { message, startedAt }, never);
      expect(fake.ledger).toHaveLength(1);
      expect(settlement).toMatchObject({
        kind: 'accepted',
        outcome: { providerMessageId: fake.ledger[0]?.id },
      });
    });

    it('asks nothing once Resend has forgotten the key', async () => {
      const fake = await start();
      const dayAgo = new Date(Date.now() - 23.5 * 60 * 60_000);
      const attempt = { message: plainMessage(), startedAt: dayAgo };
      expect(await create().settle?.(connect(fake.url), attempt, never)).toMatchObject({
        kind: 'not_known',
      });
      expect(fake.requests).toEqual([]);
    });

    it('asks again later where Resend does not answer', async () => {
      const fake = await start();
      fake.script({ do: 'reset' });
      const attempt = { message: plainMessage(), startedAt };
      expect(await create().settle?.(connect(fake.url), attempt, never)).toMatchObject({
        kind: 'ask_again',
      });
    });
  });

  it('takes an endpoint with a path', async () => {
    const fake = await start();
    await create().send(connect(`${fake.url}/gateway/`), plainMessage(), never);
    expect(fake.requests).toEqual(['POST /gateway/emails']);
  });

  it.each([
    {
      what: 'a key it does not know',
      options: { apiKey: 're_other' },
      expected: { status: 'failed', message: expect.stringMatching(/not valid/) as string },
    },
    {
      what: 'a key that may only send',
      options: { permission: 'sending_access' },
      expected: { status: 'verified', message: expect.stringMatching(/may only send/) as string },
    },
    {
      what: 'a good key',
      options: {
        domains: [
          { name: 'shop.example', status: 'verified' },
          { name: 'new.example', status: 'pending' },
        ],
      },
      expected: {
        status: 'verified',
        message: 'API key is valid',
        learned: { maxSendRate: 10, isSandboxed: false, verifiedSenders: ['shop.example'] },
      },
    },
    {
      what: 'no verified domain',
      options: { domains: [] },
      expected: {
        status: 'verified',
        message: expect.stringMatching(/no domain is verified/) as string,
        learned: { isSandboxed: true, verifiedSenders: [] },
      },
    },
  ] as const)('with $what is told so', async ({ options, expected }) => {
    const fake = await start(options);
    expect(await create().verify(connect(fake.url), never)).toMatchObject(expected);
    expect(fake.requests).toEqual(['GET /domains?limit=100']);
  });

  it.each(['re_ключ', 're_two words', 'SG.x', ''])('refuses %j for a key', (apiKey) => {
    expect(create().checkSettings({}, { api_key: apiKey })).toHaveLength(1);
  });

  it('takes a Resend key', () => {
    expect(create().checkSettings({}, { api_key: RESEND_KEY })).toEqual([]);
  });
});
