import { once } from 'node:events';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { domainToASCII } from 'node:url';
import { simpleParser, type AddressObject } from 'mailparser';
import { afterEach, describe, expect, it } from 'vitest';
import {
  AWS_KEYS,
  AWS_REGION,
  awsError,
  startFakeAwsSes,
  type FakeAwsSes,
  type FakeAwsSesOptions,
  type SesMail,
} from '../../../test/fakes/aws-ses.ts';
import { createOutboundGuard } from '../../lib/outbound-guard.ts';
import type { Connection, ConnectionSettings } from '../connection.ts';
import { createProviderHttp } from '../http.ts';
import type { Address } from '../message.ts';
import { describeAdapter, type ReceivedMail } from '../testing/adapter-suite.ts';
import { HTTP_FAULTS } from '../testing/http-faults.ts';
import { connectionWith, everythingMessage, plainMessage } from '../testing/messages.ts';
import { createAwsSes } from './index.ts';

/** CommonJS, whose default export Node and the types see differently. */
const { default: startLocalSes } = createRequire(import.meta.url)('aws-ses-v2-local') as {
  default: (options: { host: string; port: number }) => Promise<Server>;
};

const connect = (endpoint: string, settings: ConnectionSettings = {}): Connection =>
  connectionWith({ region: AWS_REGION, endpoint, ...settings }, AWS_KEYS);

describeAdapter('Amazon SES', {
  create: createAwsSes,
  connectionTo: (port) => connect(`http://127.0.0.1:${port}`),
  // What stands before SES does not know what became of the request, and SES can't be asked.
  faults: HTTP_FAULTS.map((fault) =>
    fault.title === 'a proxy says that the provider is away'
      ? { ...fault, expected: { kind: 'unknown', reason: 'unreadable_response' } }
      : fault,
  ),
  metadata: { customer: '42', vip: 'true', nested: '__a___1_2__', note: '_' },
  async startFake() {
    const fake = await startFakeAwsSes();
    return {
      connection: connect(fake.url),
      received: () => Promise.all(fake.ledger.map(({ mail }) => toReceived(mail))),
      close: () => fake.close(),
    };
  },
});

async function toReceived(mail: SesMail): Promise<ReceivedMail> {
  const mime = Buffer.from(mail.Content.Raw.Data, 'base64');
  const parsed = await simpleParser(mime, { skipImageLinks: true });
  const { ToAddresses = [], CcAddresses = [], BccAddresses = [] } = mail.Destination;
  const tags = mail.EmailTags ?? [];
  return {
    from: boxesOf(parsed.from)[0] ?? { address: '', name: null },
    replyTo: boxesOf(parsed.replyTo),
    to: boxesOf(parsed.to),
    cc: boxesOf(parsed.cc),
    recipients: [...ToAddresses, ...CcAddresses, ...BccAddresses],
    subject: parsed.subject ?? '',
    text: parsed.text ?? '',
    html: parsed.html || '',
    header: (name) => headerOf(parsed.headerLines, name),
    attachments: parsed.attachments.map((file) => ({
      filename: file.filename ?? '',
      contentType: file.contentType,
      contentId: file.contentDisposition === 'inline' ? (file.cid ?? '') : null,
      content: file.content,
    })),
    emailId: tags.find(({ Name }) => Name === 'cx_email_id')?.Value,
    tags: tags.filter(({ Name }) => /^tag(_\d+)?$/.test(Name)).map(({ Value }) => Value),
    metadata: Object.fromEntries(tags.map(({ Name, Value }) => [Name, Value])),
  };
}

function boxesOf(header: AddressObject | AddressObject[] | undefined): Address[] {
  const { value = [] } = (Array.isArray(header) ? header[0] : header) ?? {};
  return value.map(({ address = '', name }) => {
    // mailparser shows domains in their own script.
    const [local = '', domain = ''] = address.split('@');
    const ascii = /^[\x21-\x7e]*$/.test(domain) ? domain : domainToASCII(domain);
    return { address: `${local}@${ascii}`, name: name || null };
  });
}

function headerOf(lines: readonly { key: string; line: string }[], name: string) {
  const line = lines.find(({ key }) => key === name.toLowerCase())?.line;
  const value = line?.replace(/\r?\n(?=[ \t])/g, '').replace(/^[^:]*:\s*/, '');
  return value?.replace(/=\?utf-8\?q\?([^?]*)\?=/gi, (_, text: string) =>
    decodeURIComponent(text.replaceAll('_', ' ').replaceAll('=', '%')),
  );
}

describe('an Amazon SES connection', () => {
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
    return createAwsSes({ http, guard, timeLimits, keepInSandbox: () => Promise.resolve() });
  }

  async function start(options?: FakeAwsSesOptions): Promise<FakeAwsSes> {
    const fake = await startFakeAwsSes(options);
    open.push(() => fake.close());
    return fake;
  }

  it('reports the id that the answer gave, and asks once', async () => {
    const fake = await start();
    const outcome = await create().send(connect(fake.url), plainMessage(), never);
    expect(outcome).toMatchObject({
      kind: 'accepted',
      providerMessageId: fake.ledger[0]?.messageId,
    });
    expect(fake.calls.map(({ operation }) => operation)).toEqual(['SendEmail']);
  });

  it('sends under the configuration set of the connection', async () => {
    const fake = await start();
    const connection = connect(fake.url, { configuration_set: 'events' });
    await create().send(connection, plainMessage(), never);
    expect(fake.ledger[0]?.mail.ConfigurationSetName).toBe('events');
  });

  it('sends a mail with everything to aws-ses-v2-local', async () => {
    const server = await startLocalSes({ host: '127.0.0.1', port: 0 });
    open.push(async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const message = everythingMessage();
    const outcome = await create().send(connect(url), message, never);
    expect(outcome).toMatchObject({ kind: 'accepted' });
    const store = (await (await fetch(`${url}/store`)).json()) as { emails: LocalMail[] };
    const mail = store.emails.at(-1);
    expect(outcome).toMatchObject({ providerMessageId: mail?.messageId });
    expect(mail?.subject).toBe(message.subject);
    expect(mail?.from).toContain('orders@shop.example');
    expect(mail?.body.text?.replaceAll('\r\n', '\n').trimEnd()).toBe(message.text);
    const sent = message.attachments.map(({ filename, content }) => [
      filename,
      content.toString('base64'),
    ]);
    const kept = mail?.attachments.map(({ filename, content }) => [filename, content]);
    expect(kept?.sort()).toEqual(sent.sort());
  });

  it.each(['hang', 'reset'] as const)(
    'does not know what became of a mail after a %s',
    async (kind) => {
      const fake = await start();
      fake.script('SendEmail', { do: kind, take: true });
      const outcome = await create().send(connect(fake.url), plainMessage(), never);
      expect(outcome).toMatchObject({ kind: 'unknown', statusCode: null });
      expect(fake.ledger).toHaveLength(1);
      expect(fake.calls).toHaveLength(1);
    },
  );

  it.each([
    [500, 'InternalServiceErrorException'],
    [429, 'TooManyRequestsException'],
  ])('asks once where the answer is %i %s', async (status, name) => {
    const fake = await start();
    fake.script('SendEmail', { do: 'answer', ...awsError(status, name, 'no') });
    const outcome = await create().send(connect(fake.url), plainMessage(), never);
    expect(outcome).toMatchObject({ kind: 'failed', scope: 'provider', statusCode: status });
    expect(fake.calls).toHaveLength(1);
  });

  it.each([-1, 1])("is not stopped by a clock that is %i hours off Amazon's", async (hours) => {
    const fake = await start({ clockOffsetMs: hours * 60 * 60_000 });
    const provider = create();
    for (let mail = 0; mail < 2; mail++) {
      const outcome = await provider.send(connect(fake.url), plainMessage(), never);
      expect(outcome).toMatchObject({ kind: 'accepted' });
    }
    // The first was refused once at the door; from then on the offset is known.
    expect(fake.calls).toHaveLength(3);
    expect(fake.ledger).toHaveLength(2);
  });

  it('does not let the clock of one host decide for another', async () => {
    const wrong = await start({ clockOffsetMs: 365 * 24 * 60 * 60_000 });
    const right = await start();
    const provider = create();
    for (const fake of [wrong, right]) {
      const outcome = await provider.send(connect(fake.url), plainMessage(), never);
      expect(outcome).toMatchObject({ kind: 'accepted' });
    }
    expect(right.calls).toHaveLength(1);
  });

  it.each([
    [{ secretAccessKey: 'another' }, AWS_KEYS, 'auth_failed'],
    [{}, { ...AWS_KEYS, api_key: 'AKIAUNKNOWN' }, 'auth_failed'],
  ])('with keys that are not right (%j) is told so', async (options, keys, reason) => {
    const fake = await start(options);
    const connection = connectionWith({ region: AWS_REGION, endpoint: fake.url }, keys);
    const provider = create();
    const outcome = await provider.send(connection, plainMessage(), never);
    expect(outcome).toMatchObject({ kind: 'failed', scope: 'connection', reason });
    expect(await provider.verify(connection, never)).toMatchObject({ status: 'failed' });
    expect(fake.ledger).toEqual([]);
  });

  it('takes an endpoint with a path', async () => {
    const fake = await start();
    await create().send(connect(`${fake.url}/gateway/`), plainMessage(), never);
    expect(fake.calls.map(({ operation }) => operation)).toEqual(['UnknownOperation']);
  });

  describe('verified', () => {
    const verify = async (options: FakeAwsSesOptions, prepare?: (fake: FakeAwsSes) => void) => {
      const fake = await start(options);
      prepare?.(fake);
      return create().verify(connect(fake.url), never);
    };
    const account = (changes: object) => ({
      SendingEnabled: true,
      ProductionAccessEnabled: true,
      EnforcementStatus: 'HEALTHY',
      SendQuota: { Max24HourSend: 200, MaxSendRate: 1, SentLast24Hours: 3 },
      ...changes,
    });

    it('learns rate, quota and senders', async () => {
      const identities = [
        { IdentityName: 'shop.example', SendingEnabled: true },
        { IdentityName: 'new.example', SendingEnabled: false },
      ];
      expect(await verify({ identities })).toEqual({
        status: 'verified',
        message: 'The keys are valid',
        learned: {
          maxSendRate: 14,
          dailyQuota: 50_000,
          sentToday: 7,
          isSandboxed: false,
          verifiedSenders: ['shop.example'],
        },
      });
    });

    it.each([
      [{ ProductionAccessEnabled: false }, { status: 'verified', learned: { isSandboxed: true } }],
      [{ SendingEnabled: false }, { status: 'failed' }],
      [{ EnforcementStatus: 'SHUTDOWN' }, { status: 'failed' }],
      [
        { SendQuota: { Max24HourSend: -1, MaxSendRate: 1, SentLast24Hours: 0 } },
        { status: 'verified', learned: { dailyQuota: null } },
      ],
    ])('with the account %j is told %j', async (changes, expected) => {
      expect(await verify({ account: account(changes) })).toMatchObject(expected);
    });

    it('takes keys that may only send for good ones', async () => {
      const denied = awsError(403, 'AccessDeniedException', 'not authorized: ses:GetAccount');
      const result = await verify({}, (fake) =>
        fake.script('GetAccount', { do: 'answer', ...denied }),
      );
      expect(result).toMatchObject({ status: 'verified' });
      expect(result).not.toHaveProperty('learned');
    });

    it('asks again where it was too fast', async () => {
      const slow = awsError(429, 'TooManyRequestsException', 'Too many requests');
      const result = await verify({}, (fake) =>
        fake.script('GetAccount', { do: 'answer', ...slow }),
      );
      expect(result).toMatchObject({ status: 'verified' });
    });

    it('knows no senders where it may not list them', async () => {
      const denied = awsError(403, 'AccessDeniedException', 'no');
      const result = await verify({}, (fake) =>
        fake.script('ListEmailIdentities', { do: 'answer', ...denied }),
      );
      expect(result).toMatchObject({ learned: { verifiedSenders: null, maxSendRate: 14 } });
    });

    it('is unreachable where SES is down', async () => {
      const down = awsError(500, 'InternalServiceErrorException', 'no');
      const result = await verify({}, (fake) =>
        fake.script('GetAccount', { do: 'answer', ...down }),
      );
      expect(result).toMatchObject({ status: 'unreachable' });
    });
  });

  it.each([
    [{}, {}, []],
    [{ configuration_set: 'a_b-1' }, {}, []],
    [{ region: 'us-gov-west-1' }, {}, []],
    [{ region: 'Europe' }, {}, [/^region/]],
    [{ region: 'evil.example/' }, {}, [/^region/]],
    [{ configuration_set: 'a b' }, {}, [/^configuration_set/]],
    [{}, { api_key: 'ASIAIOSFODNN7EXAMPLE' }, [/temporary/]],
    [{}, { api_key: 'ключ' }, [/^api_key/]],
    [{}, { secret: 'two words' }, [/^secret/]],
    [{}, { secret: 'BLBM/9hSUELfq8Gw+rU1YcBjkOxGbhT2XG763xVLGWL9' }, [/SMTP password/]],
  ])('with %j and %j has the faults %j', (settings, secrets, faults) => {
    const found = create().checkSettings(
      { region: AWS_REGION, ...settings },
      { ...AWS_KEYS, ...secrets },
    );
    expect(found).toEqual(faults.map((fault) => expect.stringMatching(fault) as string));
  });

  it.each([
    [{}, 'https://email.eu-west-1.amazonaws.com/v2/email/outbound-emails'],
    [{ region: 'us-east-2' }, 'https://email.us-east-2.amazonaws.com/v2/email/outbound-emails'],
    [
      { region: 'eusc-de-east-1' },
      'https://email.eusc-de-east-1.amazonaws.eu/v2/email/outbound-emails',
    ],
    [{ endpoint: 'https://gw.example/' }, 'https://gw.example/v2/email/outbound-emails'],
  ])('with the settings %j is at %s', async (settings: ConnectionSettings, url) => {
    const urls: string[] = [];
    const provider = createAwsSes({
      http: {
        request(request) {
          urls.push(request.url);
          return Promise.resolve({ kind: 'answer', status: 200, headers: {}, body: '' });
        },
        close: () => Promise.resolve(),
      },
      guard: createOutboundGuard({ privateNetworks: 'deny' }),
      timeLimits: { connectMs: 1, firstByteMs: 1, totalMs: 1 },
      keepInSandbox: () => Promise.resolve(),
    });
    const connection = connectionWith({ region: AWS_REGION, ...settings }, AWS_KEYS);
    await provider.send(connection, plainMessage(), never);
    expect(urls).toEqual([url]);
  });
});

type LocalMail = {
  messageId: string;
  from: string;
  subject: string;
  body: { text?: string; html?: string };
  attachments: { filename: string; content: string }[];
};
