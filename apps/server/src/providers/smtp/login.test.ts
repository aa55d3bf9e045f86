import tls from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createCertificates, type TestCertificates } from '../../../test/fakes/certificates.ts';
import { startRawServer } from '../../../test/fakes/raw-server.ts';
import {
  startScriptedSmtp,
  type ScriptedSmtp,
  type ScriptedSmtpOptions,
} from '../../../test/fakes/scripted-smtp.ts';
import { createOutboundGuard } from '../../lib/outbound-guard.ts';
import type { Connection, ConnectionSettings } from '../connection.ts';
import { connectionWith, plainMessage } from '../testing/messages.ts';
import { createSmtp } from './index.ts';

const LOGIN = { user: 'user', pass: 'hunter22' };
const never = new AbortController().signal;
const open: (() => Promise<void>)[] = [];
let certificates: TestCertificates;

beforeAll(async () => {
  certificates = await createCertificates();
  tls.setDefaultCACertificates([certificates.authority.cert]);
});

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

function create() {
  const provider = createSmtp({
    guard: createOutboundGuard({ privateNetworks: 'allow' }),
    timeLimits: { connectMs: 700, firstByteMs: 1_000, totalMs: 1_000 },
    http: { request: () => Promise.reject(new Error('unused')), close: () => Promise.resolve() },
    keepInSandbox: () => Promise.resolve(),
  });
  open.push(() => provider.close());
  return provider;
}

async function start(options: ScriptedSmtpOptions): Promise<ScriptedSmtp> {
  const server = await startScriptedSmtp(options);
  open.push(() => server.close());
  return server;
}

function connect(port: number, settings: ConnectionSettings = {}): Connection {
  const secrets = { api_key: LOGIN.user, secret: LOGIN.pass };
  return connectionWith({ smtp_host: 'localhost', smtp_port: port, ...settings }, secrets);
}

describe('TLS', () => {
  it.each(['localhost', '127.0.0.1'])('is begun by STARTTLS with %s, unasked', async (host) => {
    const server = await start({ tls: certificates.server, login: LOGIN });
    const connection = connect(server.port, { smtp_host: host });
    expect(await create().send(connection, plainMessage(), never)).toMatchObject({
      kind: 'accepted',
    });
    const names = server.commands.map((command) => command.split(' ')[0]);
    expect(names.slice(0, 4)).toEqual(['EHLO', 'STARTTLS', 'EHLO', 'AUTH']);
  });

  it.each(['localhost', '127.0.0.1'])('is spoken from the start with %s', async (host) => {
    const server = await start({ tls: certificates.server, implicit: true, login: LOGIN });
    const connection = connect(server.port, { smtp_tls: 'implicit', smtp_host: host });
    expect(await create().send(connection, plainMessage(), never)).toMatchObject({
      kind: 'accepted',
    });
  });

  it.each(['selfSigned', 'otherName'] as const)('fails with a %s certificate', async (kind) => {
    for (const implicit of [true, false]) {
      const server = await start({ tls: certificates[kind], implicit, login: LOGIN });
      const connection = connect(server.port, { smtp_tls: implicit ? 'implicit' : 'starttls' });
      const provider = create();
      expect(await provider.send(connection, plainMessage(), never)).toMatchObject({
        kind: 'failed',
        scope: 'connection',
        reason: 'tls_failed',
      });
      expect(await provider.verify(connection, never)).toMatchObject({ status: 'failed' });
      expect(server.commands.join()).not.toMatch(/AUTH|MAIL/);
    }
  });

  it('that is not offered is never gone without', async () => {
    const server = await start({ login: LOGIN });
    const outcome = await create().send(connect(server.port), plainMessage(), never);
    expect(outcome).toMatchObject({ kind: 'failed', scope: 'connection', reason: 'tls_failed' });
    expect(server.commands.join()).not.toMatch(/AUTH|MAIL/);
  });

  it('that the server can not do now is worth another time', async () => {
    const server = await start({ tls: certificates.server, login: LOGIN });
    server.script(({ stage }) =>
      stage === 'starttls' ? { reply: '454 4.7.0 not now' } : undefined,
    );
    const outcome = await create().send(connect(server.port), plainMessage(), never);
    expect(outcome).toMatchObject({ kind: 'failed', scope: 'provider', reason: 'server_error' });
  });

  it('is left out where the settings say so', async () => {
    const server = await start({ tls: certificates.server, login: LOGIN });
    const connection = connect(server.port, { smtp_tls: 'none' });
    expect(await create().send(connection, plainMessage(), never)).toMatchObject({
      kind: 'accepted',
    });
    expect(server.commands).not.toContain('STARTTLS');
  });

  it('on a port that speaks plain SMTP fails', async () => {
    const server = await start({ login: LOGIN });
    const connection = connect(server.port, { smtp_tls: 'implicit' });
    expect(await create().send(connection, plainMessage(), never)).toMatchObject({
      kind: 'failed',
      scope: 'connection',
      reason: 'tls_failed',
    });
  });

  it('broken off in the handshake is the fault of the server', async () => {
    const server = await startRawServer((socket) => socket.once('data', () => socket.end()));
    open.push(() => server.close());
    const connection = connect(server.port, { smtp_tls: 'implicit' });
    expect(await create().send(connection, plainMessage(), never)).toMatchObject({
      kind: 'failed',
      scope: 'provider',
    });
  });
});

describe('verification', () => {
  const verify = async (options: ScriptedSmtpOptions, reply?: string, secrets = true) => {
    const server = await start(options);
    if (reply !== undefined) {
      server.script(({ stage }) => (stage === 'auth' ? { reply } : undefined));
    }
    const { secrets: login, ...connection } = connect(server.port, { smtp_tls: 'none' });
    const result = await create().verify({ ...connection, secrets: secrets ? login : {} }, never);
    return { server, result };
  };

  it('connects, logs in and says goodbye without beginning a mail', async () => {
    const { server, result } = await verify({ login: LOGIN });
    expect(result).toEqual({ status: 'verified', message: 'Connected and logged in' });
    expect(server.commands.map((command) => command.split(' ')[0])).toEqual(['EHLO', 'AUTH']);
  });

  it('needs no login where none is given', async () => {
    const { result } = await verify({}, undefined, false);
    expect(result).toEqual({ status: 'verified', message: 'Connected' });
  });

  it.each([
    ['535 5.7.8 bad password', 'failed'],
    ['534 5.7.9 app password needed', 'failed'],
    ['530 5.7.0 TLS first', 'failed'],
    ['454 4.7.0 try later', 'unreachable'],
    ['421 4.3.2 busy', 'unreachable'],
  ])('to which the server says "%s" is %s', async (reply, status) => {
    const { result } = await verify({ login: LOGIN }, reply);
    expect(result).toEqual({ status, message: expect.stringContaining(reply) as string });
  });

  it('with credentials a server does not ask for fails with the reason', async () => {
    const { result } = await verify({});
    expect(result).toEqual({
      status: 'failed',
      message: expect.stringContaining('offers no login') as string,
    });
  });
});
