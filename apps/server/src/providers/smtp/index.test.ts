import { afterEach, describe, expect, it } from 'vitest';
import {
  startScriptedSmtp,
  type ScriptedSmtp,
  type ScriptedSmtpOptions,
  type SmtpAction,
  type SmtpStage,
} from '../../../test/fakes/scripted-smtp.ts';
import { startRawServer } from '../../../test/fakes/raw-server.ts';
import { waitFor } from '../../../test/support/wait-for.ts';
import { createOutboundGuard } from '../../lib/outbound-guard.ts';
import type { Outcome } from '../outcome.ts';
import type { Connection } from '../connection.ts';
import { connectionWith, plainMessage } from '../testing/messages.ts';
import { createSmtp } from './index.ts';

const connectTo = (port: number) =>
  connectionWith({ smtp_host: '127.0.0.1', smtp_port: port, smtp_tls: 'none' });

const open: (() => Promise<void>)[] = [];
const never = new AbortController().signal;

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

function create(limits: { connectMs?: number; firstByteMs?: number; totalMs?: number } = {}) {
  const guard = createOutboundGuard({ privateNetworks: 'allow' });
  const timeLimits = { connectMs: 2_000, firstByteMs: 2_000, totalMs: 2_000, ...limits };
  const provider = createSmtp({
    guard,
    timeLimits,
    http: { request: () => Promise.reject(new Error('unused')), close: () => Promise.resolve() },
    keepInSandbox: () => Promise.resolve(),
  });
  open.push(() => provider.close());
  return provider;
}

async function start(options?: ScriptedSmtpOptions): Promise<ScriptedSmtp> {
  const server = await startScriptedSmtp(options);
  open.push(() => server.close());
  return server;
}

const at = (stage: SmtpStage, action: SmtpAction) => (moment: { stage: SmtpStage }) =>
  moment.stage === stage ? action : undefined;

const manyTo = (...addresses: string[]) => ({
  to: addresses.map((address) => ({ address, name: null })),
});

describe('a loss', () => {
  const BEFORE: SmtpStage[] = ['greeting', 'ehlo', 'mail', 'rcpt', 'data'];

  it.each(
    BEFORE.flatMap((stage) => (['close', 'reset', 'hang'] as const).map((end) => [end, stage])),
  )('(%s) at %s is certainly not a sent mail', async (end, stage) => {
    const server = await start();
    server.script(at(stage as SmtpStage, { do: end as 'close' }));
    const provider = create({ connectMs: 300, firstByteMs: 0, totalMs: 300 });
    const outcome = await provider.send(connectTo(server.port), plainMessage(), never);
    expect(outcome).toMatchObject({ kind: 'failed', scope: 'provider', statusCode: null });
    expect(server.ledger).toEqual([]);
  });

  it.each([
    ['close', 'connection_lost'],
    ['reset', 'connection_lost'],
    ['hang', 'response_timeout'],
  ] as const)('(%s) after the whole message may be a sent mail', async (end, reason) => {
    const server = await start();
    server.script(at('message', { do: end, take: true }));
    const provider = create({ totalMs: 300 });
    const outcome = await provider.send(connectTo(server.port), plainMessage(), never);
    expect(outcome).toMatchObject({ kind: 'unknown', reason, statusCode: null });
    expect(server.ledger).toHaveLength(1);
    expect(server.connections).toBe(1);
  });

  it('in the middle of a message is certainly not a sent mail', async () => {
    const server = await start();
    server.script(at('body', { do: 'reset' }));
    const message = plainMessage({ text: 'x'.repeat(70).concat('\n').repeat(300_000) });
    const outcome = await create().send(connectTo(server.port), message, never);
    expect(outcome).toMatchObject({ kind: 'failed', scope: 'provider', reason: 'connection_lost' });
  });

  it('of time ends a mail that a server takes byte by byte', async () => {
    const server = await startRawServer((socket) => {
      let isBody = false;
      socket.write('220 slow.example ESMTP\r\n');
      socket.on('data', (chunk) => {
        if (isBody) {
          socket.pause();
          setTimeout(() => socket.resume(), 10);
          return;
        }
        const commands = chunk.toString('latin1').split('\r\n').slice(0, -1);
        for (const command of commands) {
          isBody = command === 'DATA';
          socket.write(isBody ? '354 go on\r\n' : '250 ok\r\n');
        }
      });
    });
    open.push(() => server.close());
    const message = plainMessage({ text: 'x'.repeat(70).concat('\n').repeat(400_000) });
    const startedAt = performance.now();
    const outcome = await create({ totalMs: 1_000 }).send(connectTo(server.port), message, never);
    expect(outcome).toMatchObject({ kind: 'failed', scope: 'provider' });
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  it('of time ends the wait for a name that is never found', async () => {
    const provider = createSmtp({
      guard: createOutboundGuard({
        privateNetworks: 'allow',
        resolve: () => new Promise(() => undefined),
      }),
      timeLimits: { connectMs: 200, firstByteMs: 200, totalMs: 200 },
      http: { request: () => Promise.reject(new Error('unused')), close: () => Promise.resolve() },
      keepInSandbox: () => Promise.resolve(),
    });
    const connection = connectionWith({ smtp_host: 'mail.example', smtp_port: 25 });
    const outcome = await provider.send(connection, plainMessage(), never);
    expect(outcome).toMatchObject({ kind: 'failed', scope: 'provider', reason: 'connect_timeout' });
  });

  it('after the answer is none', async () => {
    const server = await start();
    server.script(at('message', { reply: '250 2.0.0 ok', take: true, thenClose: true }));
    const outcome = await create().send(connectTo(server.port), plainMessage(), never);
    expect(outcome).toMatchObject({ kind: 'accepted', detail: '250 2.0.0 ok', statusCode: 250 });
  });

  it('at QUIT is none', async () => {
    const server = await start();
    server.script(at('quit', { do: 'reset' }));
    const provider = create();
    const outcome = await provider.send(connectTo(server.port), plainMessage(), never);
    await provider.close();
    expect(outcome).toMatchObject({ kind: 'accepted' });
    await waitFor(() => server.open === 0, { what: 'the connection to be gone' });
  });
});

describe('a reply', () => {
  it.each<[SmtpStage, string, Partial<Record<'kind' | 'scope' | 'reason', string>>]>([
    [
      'greeting',
      '554 5.7.1 blocked',
      { kind: 'failed', scope: 'connection', reason: 'policy_blocked' },
    ],
    ['greeting', '421 4.3.2 busy', { kind: 'failed', scope: 'provider', reason: 'server_error' }],
    ['ehlo', '421 4.3.2 busy', { kind: 'failed', scope: 'provider', reason: 'server_error' }],
    [
      'mail',
      '550 5.7.60 not you',
      { kind: 'failed', scope: 'connection', reason: 'sender_not_verified' },
    ],
    ['mail', '451 4.3.0 later', { kind: 'failed', scope: 'provider', reason: 'server_error' }],
    ['mail', '421 4.3.0 closing', { kind: 'failed', scope: 'provider', reason: 'server_error' }],
    [
      'rcpt',
      '550 5.1.1 nobody',
      { kind: 'rejected', scope: 'recipient', reason: 'invalid_recipient' },
    ],
    [
      'rcpt',
      '450 4.2.0 greylisted',
      { kind: 'failed', scope: 'recipient', reason: 'recipient_deferred' },
    ],
    [
      'rcpt',
      '554 5.7.1 relay access denied',
      { kind: 'failed', scope: 'connection', reason: 'not_permitted' },
    ],
    ['data', '451 4.3.0 later', { kind: 'failed', scope: 'provider', reason: 'server_error' }],
    ['message', '451 4.3.0 later', { kind: 'failed', scope: 'provider', reason: 'server_error' }],
    ['message', '421 4.3.0 closing', { kind: 'failed', scope: 'provider', reason: 'server_error' }],
    ['message', '550 5.6.0 bad', { kind: 'rejected', scope: 'message', reason: 'invalid_message' }],
    ['message', '552 5.3.4 big', { kind: 'failed', scope: 'message', reason: 'too_large' }],
  ])('at %s of "%s" is definite', async (stage, reply, expected) => {
    for (const extensions of [['PIPELINING'], []]) {
      const server = await start({ extensions });
      server.script(at(stage, { reply, thenClose: reply.startsWith('421') }));
      const outcome = await create().send(connectTo(server.port), plainMessage(), never);
      expect(outcome).toMatchObject({ ...expected, statusCode: Number(reply.slice(0, 3)) });
      expect(outcome.detail).toContain(reply);
      expect(server.ledger).toEqual([]);
    }
  });

  it('after the message that is none leaves its fate open', async () => {
    const server = await start();
    server.script(at('message', { reply: 'what?', take: true }));
    const outcome = await create().send(connectTo(server.port), plainMessage(), never);
    expect(outcome).toMatchObject({ kind: 'unknown', reason: 'unreadable_response' });
  });

  it('of many lines is shown on one, without the password', async () => {
    const server = await start({ login: { user: 'user', pass: 'hunter22' } });
    server.script(at('auth', { reply: '535-5.7.8 no\r\n535 5.7.8 not with hunter22' }));
    const connection = {
      ...connectTo(server.port),
      secrets: { api_key: 'user', secret: 'hunter22' },
    };
    const outcome = await create().send(connection, plainMessage(), never);
    expect(outcome).toMatchObject({ kind: 'failed', scope: 'connection', reason: 'auth_failed' });
    expect(outcome.detail).toBe('535-5.7.8 no 535 5.7.8 not with [redacted]');
  });

  it('asks a greylisted mail to come back in five minutes', async () => {
    const server = await start();
    server.script(at('rcpt', { reply: '451 4.7.1 Greylisted' }));
    const outcome = await create().send(connectTo(server.port), plainMessage(), never);
    expect(outcome).toMatchObject({ retryAfterMs: 300_000 });
  });
});

describe('several recipients', () => {
  const REPLIES: Readonly<Record<string, string>> = {
    bad: '550 5.1.1 nobody',
    gone: '551 5.1.6 moved',
    later: '450 4.2.1 busy',
    relay: '554 5.7.1 relaying denied',
  };

  async function sendTo(names: string[], extensions: string[]): Promise<Outcome> {
    const server = await start({ extensions });
    server.script(({ stage, line }) => {
      const reply = REPLIES[/<(\w+)@/.exec(line)?.[1] ?? ''];
      return stage === 'rcpt' && reply !== undefined ? { reply } : undefined;
    });
    const message = plainMessage(manyTo(...names.map((name) => `${name}@x.test`)));
    return create().send(connectTo(server.port), message, never);
  }

  describe.each([[['PIPELINING']], [[]]])('with %j', (extensions) => {
    it('of which some are refused are accepted but for those', async () => {
      const outcome = await sendTo(['bad', 'good', 'later', 'relay'], extensions);
      expect(outcome).toMatchObject({
        kind: 'accepted',
        recipientFaults: [
          { address: 'bad@x.test', kind: 'rejected', reason: 'invalid_recipient' },
          { address: 'later@x.test', kind: 'deferred', reason: 'recipient_deferred' },
          { address: 'relay@x.test', kind: 'deferred', reason: 'not_permitted' },
        ],
      });
    });

    it('that are all refused for good are rejected', async () => {
      expect(await sendTo(['bad', 'gone'], extensions)).toMatchObject({
        kind: 'rejected',
        scope: 'recipient',
        reason: 'invalid_recipient',
        statusCode: 551,
      });
    });

    it('that are refused for good or for now fail, the first for good', async () => {
      const outcome = await sendTo(['bad', 'later'], extensions);
      expect(outcome).toMatchObject({
        kind: 'failed',
        scope: 'recipient',
        reason: 'recipient_deferred',
        recipientFaults: [{ address: 'bad@x.test', kind: 'rejected' }],
      });
      expect(outcome).toHaveProperty('recipientFaults.length', 1);
    });

    it('of which one shows that the connection may not relay blame the connection', async () => {
      expect(await sendTo(['bad', 'later', 'relay'], extensions)).toMatchObject({
        kind: 'failed',
        scope: 'connection',
        reason: 'not_permitted',
        recipientFaults: [{ address: 'bad@x.test', kind: 'rejected' }],
      });
    });
  });
});

describe('the envelope', () => {
  it('is the sender and the recipients of the attempt, and no Bcc is in the message', async () => {
    const server = await start();
    const message = plainMessage({
      ...manyTo('a@x.test'),
      cc: [{ address: 'c@xn--bcher-kva.example', name: null }],
      bcc: [{ address: 'b@x.test', name: 'Hidden' }],
    });
    await create().send(connectTo(server.port), message, never);
    const [mail] = server.ledger;
    expect(mail).toMatchObject({
      from: 'orders@shop.example',
      recipients: ['a@x.test', 'c@xn--bcher-kva.example', 'b@x.test'],
    });
    expect(mail?.message).not.toMatch(/bcc|b@x\.test|Hidden/i);
  });

  it('is not begun for a mail larger than the server takes', async () => {
    const server = await start({ extensions: ['SIZE 1000'] });
    const message = plainMessage({ text: 'x'.repeat(2000) });
    expect(await create().send(connectTo(server.port), message, never)).toMatchObject({
      kind: 'failed',
      scope: 'message',
      reason: 'too_large',
    });
    expect(server.commands.some((command) => command.startsWith('MAIL'))).toBe(false);
  });
});

describe('the settings', () => {
  const deny = createSmtp({
    guard: createOutboundGuard({ privateNetworks: 'deny' }),
    timeLimits: { connectMs: 1, firstByteMs: 1, totalMs: 1 },
    http: { request: () => Promise.reject(new Error('unused')), close: () => Promise.resolve() },
    keepInSandbox: () => Promise.resolve(),
  });
  const check = (settings: Connection['settings'], secrets: Connection['secrets'] = {}) =>
    deny.checkSettings({ smtp_host: 'mail.example', smtp_port: 587, ...settings }, secrets);

  it.each([25, 465, 587, 2465, 2525, 2587])('may name port %i', (port) => {
    expect(check({ smtp_port: port })).toEqual([]);
  });

  it.each([22, 80, 6379, 65535])('may not name port %i', (port) => {
    expect(check({ smtp_port: port })).toEqual([expect.stringContaining('smtp_port')]);
  });

  it('may name any port where private networks are open', () => {
    const settings = { smtp_host: 'localhost', smtp_port: 1025 };
    expect(create().checkSettings(settings, {})).toEqual([]);
  });

  it.each(['mail', 'http://mail.example', 'a b.example', 'mail.example:25', ''])(
    'may not name the host %j',
    (host) => {
      expect(check({ smtp_host: host })).toEqual([expect.stringContaining('smtp_host')]);
    },
  );

  it('have a user and a password, or neither', () => {
    expect(check({}, { api_key: 'user', secret: 'pass' })).toEqual([]);
    expect(check({}, { api_key: 'user' })).toHaveLength(1);
    expect(check({}, { secret: 'pass' })).toHaveLength(1);
  });
});
