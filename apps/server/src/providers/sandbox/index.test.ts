import { describe, expect, it } from 'vitest';
import type { OutgoingMessage } from '../message.ts';
import type { Connection } from '../connection.ts';
import type { ProviderDeps } from '../provider.ts';
import { describeAdapter, type ReceivedMail } from '../testing/adapter-suite.ts';
import { connectionWith, plainMessage } from '../testing/messages.ts';
import { createSandbox } from './index.ts';

describeAdapter('sandbox', {
  create: createSandbox,
  connectionTo: null,
  faults: [],
  startFake: ({ keep }) =>
    Promise.resolve({
      connection: connectionWith({}),
      received: () => Promise.resolve(keep.map(toReceived)),
      close: () => Promise.resolve(),
    }),
});

function toReceived(message: OutgoingMessage): ReceivedMail {
  const headers = new Map(message.headers.map(({ name, value }) => [name.toLowerCase(), value]));
  headers.set('message-id', message.messageId);
  const metadata = Object.entries(message.metadata).map(([key, value]) => [key, String(value)]);
  return {
    ...message,
    text: message.text ?? '',
    html: message.html ?? '',
    header: (name) => headers.get(name.toLowerCase()),
    metadata: Object.fromEntries(metadata) as Record<string, string>,
  };
}

describe('the sandbox', () => {
  const never = new AbortController().signal;
  const connection = connectionWith({});

  function create() {
    const kept: { connection: Connection; message: OutgoingMessage }[] = [];
    const deps = {
      keepInSandbox(to: Connection, message: OutgoingMessage) {
        kept.push({ connection: to, message });
        return Promise.resolve();
      },
    } as Partial<ProviderDeps> as ProviderDeps;
    return { sandbox: createSandbox(deps), kept };
  }

  const send = (addresses: string[], attemptNumber = 1) => {
    const to = addresses.map((address) => ({ address, name: null }));
    return create().sandbox.send(connection, plainMessage({ to, attemptNumber }), never);
  };

  it.each([
    ['delivered@x.test', ['delivered']],
    ['anyone@x.test', ['delivered']],
    ['bounced@x.test', ['bounced']],
    ['softbounced@x.test', ['bounced']],
    ['complained@x.test', ['delivered', 'complained']],
    ['opened@x.test', ['delivered', 'opened']],
    ['clicked@x.test', ['delivered', 'opened', 'clicked']],
    ['deferred@x.test', ['deferred']],
    ['Bounced+7@mail.x.test', ['bounced']],
    ['bounced@example.com', ['delivered']],
    ['toString@x.test', ['delivered']],
    ['bounced@attest', ['delivered']],
  ])('plays for %s: %j', async (address, types) => {
    const outcome = await send([address]);
    expect(outcome).toMatchObject({ kind: 'accepted', recipientFaults: [] });
    const events = outcome.kind === 'accepted' ? outcome.events : [];
    expect(events.map(({ type }) => type)).toEqual(types);
    expect(events.every(({ recipient }) => recipient === address)).toBe(true);
  });

  it('tells a hard bounce from a soft one by its code', async () => {
    const detailOf = async (address: string) => {
      const outcome = await send([address]);
      return outcome.kind === 'accepted' ? outcome.events[0]?.detail : null;
    };
    expect(await detailOf('bounced@x.test')).toMatch(/^550 5\.1\.1/);
    expect(await detailOf('softbounced@x.test')).toMatch(/^4\d\d 4\./);
  });

  it.each([
    ['timeout@x.test', { kind: 'unknown', reason: 'response_timeout' }],
    ['ratelimited@x.test', { kind: 'failed', scope: 'provider', reason: 'rate_limited' }],
    ['down+1@x.test', { kind: 'failed', scope: 'provider', reason: 'server_error' }],
  ])(
    'fails the first attempt for %s, whoever else is on it, and takes the next',
    async (address, fault) => {
      const addresses = ['delivered@x.test', address];
      expect(await send(addresses)).toMatchObject(fault);
      expect(await send(addresses, 2)).toMatchObject({ kind: 'accepted' });
    },
  );

  it('asks for a second or more where it limits the rate', async () => {
    const outcome = await send(['ratelimited@x.test']);
    expect(outcome.kind === 'failed' && outcome.retryAfterMs).toBeGreaterThanOrEqual(1_000);
  });

  it('refuses invalid@, alone or among others, on every attempt', async () => {
    for (const attempt of [1, 2]) {
      expect(await send(['invalid@x.test'], attempt)).toMatchObject({
        kind: 'rejected',
        scope: 'recipient',
        reason: 'invalid_recipient',
      });
      expect(await send(['invalid@x.test', 'ada@x.test'], attempt)).toMatchObject({
        kind: 'accepted',
        recipientFaults: [{ address: 'invalid@x.test', kind: 'rejected' }],
        events: [{ type: 'delivered', recipient: 'ada@x.test' }],
      });
    }
  });

  it('keeps the mails it takes, and only those', async () => {
    const { sandbox, kept } = create();
    const to = (address: string) => plainMessage({ to: [{ address, name: null }] });
    await sandbox.send(connection, to('invalid@x.test'), never);
    await sandbox.send(connection, to('down@x.test'), never);
    expect(kept).toEqual([]);
    const message = to('bounced@x.test');
    await sandbox.send(connection, message, never);
    expect(kept).toEqual([{ connection, message }]);
  });

  it('fails when its inbox does, rather than say what is not so', async () => {
    const deps = { keepInSandbox: () => Promise.reject(new Error('disk full')) };
    const sandbox = createSandbox(deps as Partial<ProviderDeps> as ProviderDeps);
    await expect(sandbox.send(connection, plainMessage(), never)).rejects.toThrow('disk full');
  });
});
