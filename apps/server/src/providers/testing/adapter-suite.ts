import { afterEach, describe, expect, it } from 'vitest';
import {
  findClosedPort,
  startRawServer,
  type OnConnection,
  type RawServer,
} from '../../../test/fakes/raw-server.ts';
import { createOutboundGuard } from '../../lib/outbound-guard.ts';
import { createProviderHttp } from '../http.ts';
import type { Address, Attachment, OutgoingMessage } from '../message.ts';
import type { Connection } from '../connection.ts';
import type { Provider, ProviderDeps } from '../provider.ts';
import { everythingMessage, plainMessage } from './messages.ts';

/** A mail as the other side of an adapter got it, in our words. */
export type ReceivedMail = {
  readonly from: Address;
  readonly replyTo: readonly Address[];
  readonly to: readonly Address[];
  readonly cc: readonly Address[];
  /** Everyone it was sent to, the blind copies too. */
  readonly recipients: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly header: (name: string) => string | undefined;
  readonly attachments: readonly Attachment[];
  readonly emailId: string | undefined;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
};

/** A stand-in of the provider that takes mail. */
export type AdapterFake = {
  readonly connection: Connection;
  received(): Promise<readonly ReceivedMail[]>;
  close(): Promise<void>;
};

/** A way to fail before an adapter, and what the attempt must come to. */
export type TransportFault = {
  readonly title: string;
  readonly serve: OnConnection;
  readonly expected: Readonly<Record<string, unknown>>;
};

export type AdapterSubject = {
  create(deps: ProviderDeps): Provider;
  startFake(deps: { keep: OutgoingMessage[] }): Promise<AdapterFake>;
  /** A connection to whatever listens on a port of 127.0.0.1; null where nothing is connected to. */
  readonly connectionTo: ((port: number) => Connection) | null;
  readonly faults: readonly TransportFault[];
  /** How the metadata of {@link everythingMessage} arrives, where not letter by letter. */
  readonly metadata?: Readonly<Record<string, string>>;
};

const METADATA = { customer: '42', vip: 'true', note: 'ü' };

const TIME_LIMITS = { connectMs: 500, firstByteMs: 500, totalMs: 1_000 };

const NEVER = new AbortController().signal;

/** What every adapter must do; a new one runs it beside its own tests. */
export function describeAdapter(name: string, subject: AdapterSubject): void {
  const harness = createHarness(subject);
  afterEach(() => harness.close());

  describe(`the ${name} adapter`, () => {
    itTakesMail(harness);
    const { connectionTo } = subject;
    if (connectionTo) itKnowsItsConnection({ ...harness, connectionTo });
    it.each(subject.faults)('knows what it means that $title', async ({ serve, expected }) => {
      const { port } = await harness.serve(serve);
      const connection = connectionTo?.(port);
      if (!connection) throw new Error('faults need a connection');
      const outcome = await harness.create().send(connection, plainMessage(), NEVER);
      expect(outcome).toMatchObject(expected);
      expect(outcome.detail.length).toBeLessThanOrEqual(500);
    });
  });
}

type Harness = ReturnType<typeof createHarness>;

function createHarness(subject: AdapterSubject) {
  const { metadata = METADATA } = subject;
  const open: (() => Promise<void>)[] = [];
  const keep: OutgoingMessage[] = [];
  return {
    metadata,
    create: (privateNetworks: 'allow' | 'deny' = 'allow'): Provider => {
      const guard = createOutboundGuard({ privateNetworks });
      const http = createProviderHttp({ guard, timeLimits: TIME_LIMITS });
      const keepInSandbox = (_: Connection, message: OutgoingMessage) => {
        keep.push(message);
        return Promise.resolve();
      };
      const provider = subject.create({ http, guard, timeLimits: TIME_LIMITS, keepInSandbox });
      open.push(async () => {
        await provider.close();
        await http.close();
      });
      return provider;
    },
    startFake: async (): Promise<AdapterFake> => {
      const fake = await subject.startFake({ keep });
      open.push(() => fake.close());
      return fake;
    },
    serve: async (onConnection: OnConnection): Promise<RawServer> => {
      const server = await startRawServer(onConnection);
      open.push(() => server.close());
      return server;
    },
    close: async (): Promise<void> => {
      for (const close of open.splice(0).reverse()) await close();
      keep.length = 0;
    },
  };
}

function itTakesMail({ create, startFake, metadata }: Harness): void {
  it('says accepted, with an id and no faults, to what the provider took', async () => {
    const fake = await startFake();
    const outcome = await create().send(fake.connection, plainMessage(), NEVER);
    expect(outcome).toMatchObject({ kind: 'accepted', recipientFaults: [] });
    expect(outcome).toHaveProperty('providerMessageId', expect.stringMatching(/./));
    expect(await fake.received()).toHaveLength(1);
  });

  it('carries every field, or declares that it does not', async () => {
    const fake = await startFake();
    const provider = create();
    const message = everythingMessage();
    const outcome = await provider.send(fake.connection, message, NEVER);
    expect(outcome).toMatchObject({ kind: 'accepted' });
    const [received] = await fake.received();
    expectAllOf(message, received, provider);
    if (provider.capabilities.maxMetadataBytes !== 0) {
      expect(received.metadata).toMatchObject(metadata);
    }
  });

  it('reaches the recipients of the attempt and nobody else', async () => {
    const fake = await startFake();
    const message = { ...everythingMessage(), recipients: ['audit@example.org'] };
    await create().send(fake.connection, message, NEVER);
    const [received] = await fake.received();
    expect(received?.recipients).toEqual(['audit@example.org']);
  });

  it('verifies a good connection', async () => {
    const fake = await startFake();
    expect(await create().verify(fake.connection, NEVER)).toMatchObject({ status: 'verified' });
  });
}

type Connect = { connectionTo: (port: number) => Connection };

function itKnowsItsConnection({ create, serve, connectionTo }: Harness & Connect): void {
  it('fails over, and is unreachable, where nobody listens', async () => {
    const connection = connectionTo(await findClosedPort());
    const provider = create();
    expect(await provider.send(connection, plainMessage(), NEVER)).toMatchObject({
      kind: 'failed',
      scope: 'provider',
      reason: 'connect_failed',
    });
    expect(await provider.verify(connection, NEVER)).toMatchObject({ status: 'unreachable' });
  });

  it('connects to no address that the network policy refuses', async () => {
    const server = await serve(() => undefined);
    const connection = connectionTo(server.port);
    const provider = create('deny');
    expect(await provider.send(connection, plainMessage(), NEVER)).toMatchObject({
      kind: 'failed',
      scope: 'connection',
      reason: 'address_blocked',
    });
    expect(await provider.verify(connection, NEVER)).toMatchObject({ status: 'failed' });
    expect(server.connections).toBe(0);
  });

  it('rejects when its caller aborts it', async () => {
    const controller = new AbortController();
    const server = await serve(() => controller.abort(new Error('enough')));
    const connection = connectionTo(server.port);
    const { signal } = controller;
    const provider = create();
    await expect(provider.send(connection, plainMessage(), signal)).rejects.toThrow('enough');
    await expect(provider.verify(connection, signal)).rejects.toThrow('enough');
  });
}

function expectAllOf(
  message: OutgoingMessage,
  received: ReceivedMail | undefined,
  { capabilities }: Provider,
): asserts received is ReceivedMail {
  if (!received) throw new Error('nothing was received');
  const { from, to, cc, replyTo, subject } = message;
  expect(received).toMatchObject({ from, to, cc, subject, emailId: message.emailId });
  expect(received.recipients.toSorted()).toEqual(message.recipients.toSorted());
  expect(lines(received.text)).toBe(lines(message.text ?? ''));
  expect(lines(received.html)).toBe(lines(message.html ?? ''));
  if (capabilities.multipleReplyTo) expect(received.replyTo).toEqual(replyTo);
  if (capabilities.customHeaders) {
    for (const { name, value } of message.headers) expect(received.header(name)).toBe(value);
  }
  if (capabilities.keepsMessageId) expect(received.header('message-id')).toBe(message.messageId);
  if (capabilities.attachments) {
    const isCarried = (file: Attachment) =>
      file.contentId === null || capabilities.inlineAttachments;
    expect(byName(received.attachments)).toEqual(byName(message.attachments.filter(isCarried)));
  }
  if (capabilities.maxTags !== 0) {
    const most = capabilities.maxTags ?? message.tags.length;
    expect(received.tags).toEqual(message.tags.slice(0, most));
  }
}

/** Text parts may have other line ends, and one more at the end, after their way through SMTP. */
function lines(text: string): string {
  return text.replaceAll('\r\n', '\n').trimEnd();
}

function byName(files: readonly Attachment[]) {
  return files
    .map(({ content, ...file }) => ({ ...file, base64: content.toString('base64') }))
    .sort((a, b) => a.filename.localeCompare(b.filename));
}
