import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile, mkdtemp, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createCertificates, type TestCertificates } from '../../test/fakes/certificates.ts';
import {
  findClosedPort,
  onHttpRequest,
  startBlackHole,
  startRawServer,
  type OnConnection,
} from '../../test/fakes/raw-server.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import { createOutboundGuard, type Resolve } from '../lib/outbound-guard.ts';
import {
  createProviderHttp,
  type ProviderHttp,
  type ProviderRequest,
  type ProviderResponse,
} from './http.ts';
import type { TimeLimits } from './time-limits.ts';

const open: (() => Promise<void>)[] = [];
const LIMITS: TimeLimits = { connectMs: 400, firstByteMs: 400, totalMs: 20_000 };
const never = new AbortController().signal;

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function serve(onConnection: OnConnection, options?: tls.TlsOptions) {
  const server = await startRawServer(onConnection, options);
  open.push(() => server.close());
  return server;
}

function client(options: { limits?: Partial<TimeLimits>; resolve?: Resolve } = {}): ProviderHttp {
  const { limits, resolve } = options;
  const guard = createOutboundGuard({ privateNetworks: 'allow', ...(resolve && { resolve }) });
  const http = createProviderHttp({ guard, timeLimits: { ...LIMITS, ...limits } });
  open.push(() => http.close());
  return http;
}

function post(port: number, body: string | Buffer = '{"a":1}'): ProviderRequest {
  const headers = { 'content-type': 'application/json' };
  return { method: 'POST', url: `http://127.0.0.1:${port}/send`, headers, body };
}

const answer = (socket: Socket, head: string, body = '') =>
  socket.write(`HTTP/1.1 ${head}\r\ncontent-length: ${body.length}\r\n\r\n${body}`);

describe('an answered request', () => {
  it('arrives whole, and its answer comes back with lower-case header names', async () => {
    const server = await serve((socket) =>
      onHttpRequest(socket, () => answer(socket, '202 Accepted\r\nX-Message-Id: m1', 'ok')),
    );
    expect(await client().request(post(server.port), never)).toEqual({
      kind: 'answer',
      status: 202,
      headers: { 'x-message-id': 'm1', 'content-length': '2' },
      body: 'ok',
    });
    expect(server.received).toMatch(/^POST \/send HTTP\/1.1\r\n/);
    expect(server.received).toMatch(/content-length: 7\r\n/);
    expect(server.received).toMatch(/\r\n\r\n\{"a":1\}$/);
  });

  it('is the final one, whatever hints come before it', async () => {
    const server = await serve((socket) =>
      onHttpRequest(socket, () => {
        socket.write('HTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\n');
        answer(socket, '202 Accepted', 'ok');
      }),
    );
    expect(await client().request(post(server.port), never)).toEqual({
      kind: 'answer',
      status: 202,
      headers: { 'content-length': '2' },
      body: 'ok',
    });
  });

  it('reuses the connection', async () => {
    const server = await serve((socket) => onHttpRequest(socket, () => answer(socket, '200 OK')));
    const http = client();
    for (let i = 0; i < 20; i++) await http.request(post(server.port), never);
    // The next request may come before a socket is seen to be free again.
    expect(server.connections).toBeLessThan(4);
  });

  it('sends a large body in pieces, and none of it is lost', async () => {
    const body = Buffer.alloc(3_000_001, 'x');
    const server = await serve((socket) =>
      onHttpRequest(socket, () => answer(socket, '202 Accepted')),
    );
    expect(await client().request(post(server.port, body), never)).toMatchObject({ status: 202 });
    expect(server.received.length).toBeGreaterThan(body.length);
    expect(server.received.endsWith('x'.repeat(1000))).toBe(true);
  });

  it('does not follow a redirect', async () => {
    const server = await serve((socket) =>
      onHttpRequest(socket, () => answer(socket, '307 Moved\r\nlocation: /elsewhere')),
    );
    const response = await client().request(post(server.port), never);
    expect(response).toMatchObject({ kind: 'answer', status: 307 });
    expect(server.received.match(/POST/g)).toHaveLength(1);
  });

  it('cuts an endless body off at 64 KiB', async () => {
    const server = await serve((socket) =>
      onHttpRequest(socket, () => {
        socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
        const more = () => {
          while (socket.writable && socket.write(`1000\r\n${'a'.repeat(4096)}\r\n`));
        };
        socket.on('drain', more);
        more();
      }),
    );
    const response = await client().request(post(server.port), never);
    expect(response).toMatchObject({ kind: 'answer', status: 200 });
    expect(response.kind === 'answer' && response.body.length).toBe(64 * 1024);
  });

  it.each([
    ['reset', (socket: Socket) => socket.resetAndDestroy()],
    ['ended', (socket: Socket) => socket.end()],
    ['stalled', () => undefined],
  ])('keeps the status where the body is %s half way', async (_, breakOff) => {
    const server = await serve((socket) =>
      onHttpRequest(socket, () =>
        socket.write('HTTP/1.1 202 Accepted\r\ncontent-length: 100\r\n\r\nhalf', () =>
          setImmediate(() => breakOff(socket)),
        ),
      ),
    );
    expect(await client().request(post(server.port), never)).toMatchObject({
      kind: 'answer',
      status: 202,
    });
  });

  it('ends a body that drips past the total limit', async () => {
    const server = await serve((socket) =>
      onHttpRequest(socket, () => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n');
        const drip = setInterval(() => socket.write('.'), 20);
        socket.once('close', () => clearInterval(drip));
      }),
    );
    const http = client({ limits: { totalMs: 500 } });
    expect(await http.request(post(server.port), never)).toMatchObject({ status: 200 });
  });
});

describe('a request that was certainly not sent', () => {
  it('to a port where nobody listens', async () => {
    const response = await client().request(post(await findClosedPort()), never);
    expect(response).toMatchObject({ kind: 'not_sent', reason: 'connect_failed' });
  });

  it('to a host that answers no connection', async () => {
    const hole = await startBlackHole();
    open.push(() => hole.close());
    const response = await client().request(post(hole.port), never);
    expect(response).toMatchObject({ kind: 'not_sent', reason: 'connect_timeout' });
  });

  it('to a name that does not resolve', async () => {
    const missing = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
    const http = client({ resolve: () => Promise.reject(missing) });
    const request = { ...post(1), url: 'http://nowhere.example/send' };
    expect(await http.request(request, never)).toMatchObject({
      kind: 'not_sent',
      reason: 'dns_failed',
    });
  });

  it.each(['http://127.0.0.1:PORT/', 'http://[::1]:PORT/', 'http://2130706433:PORT/'])(
    'to %s, which the guard refuses though no name is looked up',
    async (url) => {
      const server = await serve(() => undefined);
      const guard = createOutboundGuard({ privateNetworks: 'deny' });
      const http = createProviderHttp({ guard, timeLimits: LIMITS });
      open.push(() => http.close());
      const request = { ...post(1), url: url.replace('PORT', String(server.port)) };
      const response = await http.request(request, never);
      expect(response).toMatchObject({ kind: 'not_sent', reason: 'address_blocked' });
      expect(server.connections).toBe(0);
    },
  );

  it('to a name that leads inside', async () => {
    const server = await serve(() => undefined);
    const guard = createOutboundGuard({
      privateNetworks: 'deny',
      resolve: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]),
    });
    const http = createProviderHttp({ guard, timeLimits: LIMITS });
    open.push(() => http.close());
    const request = { ...post(1), url: `http://rebound.example:${server.port}/` };
    expect(await http.request(request, never)).toMatchObject({ reason: 'address_blocked' });
    expect(server.connections).toBe(0);
  });

  it('because a header can not hold its value', async () => {
    const server = await serve(() => undefined);
    const request = { ...post(server.port), headers: { authorization: 'Bearer ключ' } };
    expect(await client().request(request, never)).toMatchObject({
      kind: 'not_sent',
      reason: 'misconfigured',
    });
  });

  it('because the connection broke before the socket had taken the body', async () => {
    const server = await serve((socket) => {
      socket.once('data', () => {
        socket.pause();
        setImmediate(() => socket.resetAndDestroy());
      });
    });
    const response = await client().request(post(server.port, Buffer.alloc(30_000_000)), never);
    expect(response).toMatchObject({ kind: 'not_sent', reason: 'connection_lost' });
  });
});

describe('a request that may have arrived', () => {
  it.each([
    ['reset', (socket: Socket) => socket.resetAndDestroy()],
    ['closed', (socket: Socket) => socket.end()],
  ])('is sent once when the connection is %s before the answer', async (_, breakOff) => {
    const server = await serve((socket) => onHttpRequest(socket, () => breakOff(socket)));
    expect(await client().request(post(server.port), never)).toMatchObject({
      kind: 'no_answer',
      reason: 'connection_lost',
    });
    expect(server.received.match(/POST/g)).toHaveLength(1);
  });

  it('is sent once when a reused connection is closed on it', async () => {
    const server = await serve((socket) =>
      onHttpRequest(socket, (count) =>
        count === 1 ? answer(socket, '200 OK') : socket.resetAndDestroy(),
      ),
    );
    const http = client();
    let requests = 0;
    let response: ProviderResponse;
    do {
      response = await http.request(post(server.port), never);
      requests += 1;
    } while (response.kind === 'answer');
    expect(response).toMatchObject({ kind: 'no_answer', reason: 'connection_lost' });
    expect(server.received.match(/POST/g)).toHaveLength(requests);
  });

  it('goes out on a new connection where the server closed the idle one before', async () => {
    let closed = 0;
    const server = await serve((socket) => {
      socket.once('close', () => (closed += 1));
      onHttpRequest(socket, () => {
        answer(socket, '200 OK');
        socket.end();
      });
    });
    const http = client();
    for (const times of [1, 2, 3]) {
      expect(await http.request(post(server.port), never)).toMatchObject({ status: 200 });
      await waitFor(() => closed === times, { what: 'the idle connection to be gone' });
    }
    expect(server.received.match(/POST/g)).toHaveLength(3);
  });

  it('is given up after the time for the first byte', async () => {
    const server = await serve(() => undefined);
    expect(await client().request(post(server.port), never)).toMatchObject({
      kind: 'no_answer',
      reason: 'response_timeout',
    });
  });

  it('is given up after the total time', async () => {
    const server = await serve(() => undefined);
    const http = client({ limits: { firstByteMs: 60_000, totalMs: 300 } });
    expect(await http.request(post(server.port), never)).toMatchObject({
      kind: 'no_answer',
      reason: 'response_timeout',
    });
  });

  it.each([['220 mail.example ESMTP\r\n'], ['\u0000\u0001\r\n\r\n'], ['<html>hello</html>']])(
    'is answered with %j',
    async (garbage) => {
      const server = await serve((socket) => onHttpRequest(socket, () => socket.end(garbage)));
      expect(await client().request(post(server.port), never)).toMatchObject({
        kind: 'no_answer',
        reason: 'unreadable_response',
      });
    },
  );

  it('rejects when its caller aborts it', async () => {
    const controller = new AbortController();
    const server = await serve((socket) => onHttpRequest(socket, () => controller.abort()));
    const http = client({ limits: { firstByteMs: 60_000 } });
    await expect(http.request(post(server.port), controller.signal)).rejects.toThrow(/abort/i);
  });
});

describe('TLS', () => {
  let certificates: TestCertificates;

  beforeAll(async () => {
    certificates = await createCertificates();
    tls.setDefaultCACertificates([certificates.authority.cert]);
  });

  const ok: OnConnection = (socket) => onHttpRequest(socket, () => answer(socket, '200 OK'));
  const https = (port: number) => ({ ...post(port), url: `https://localhost:${port}/send` });

  it('is spoken with a server whose certificate is good', async () => {
    const server = await serve(ok, certificates.server);
    expect(await client().request(https(server.port), never)).toMatchObject({ status: 200 });
  });

  it.each(['selfSigned', 'otherName'] as const)(
    'is refused with a %s certificate',
    async (kind) => {
      const server = await serve(ok, certificates[kind]);
      expect(await client().request(https(server.port), never)).toMatchObject({
        kind: 'not_sent',
        reason: 'tls_failed',
      });
      expect(server.received).toBe('');
    },
  );

  it('fails on a port that speaks plain HTTP', async () => {
    const server = await serve((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(await client().request(https(server.port), never)).toMatchObject({
      kind: 'not_sent',
      reason: 'tls_failed',
    });
  });

  it('that is never spoken counts as a connection that did not come about', async () => {
    const server = await serve(() => undefined);
    expect(await client().request(https(server.port), never)).toMatchObject({
      kind: 'not_sent',
      reason: 'connect_timeout',
    });
  });

  it('a plain request to a TLS port is not taken for an accepted one', async () => {
    const server = await serve(ok, certificates.server);
    const response = await client().request(post(server.port), never);
    expect(response.kind).toBe('no_answer');
  });

  it('trusts an authority named in NODE_EXTRA_CA_CERTS', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'courierx-ca-'));
    open.push(() => rm(folder, { recursive: true }));
    const file = join(folder, 'ca.pem');
    await writeFile(file, certificates.authority.cert);
    const server = await serve(ok, certificates.server);
    const program = `
      const { createProviderHttp } = await import(${JSON.stringify(import.meta.resolve('./http.ts'))});
      const { createOutboundGuard } = await import(${JSON.stringify(import.meta.resolve('../lib/outbound-guard.ts'))});
      const guard = createOutboundGuard({ privateNetworks: 'allow' });
      const timeLimits = { connectMs: 5000, firstByteMs: 5000, totalMs: 9000 };
      const http = createProviderHttp({ guard, timeLimits });
      const request = { method: 'GET', url: 'https://localhost:${server.port}/', headers: {} };
      const { status, reason } = await http.request(request, new AbortController().signal);
      process.stdout.write(String(status ?? reason));
      await http.close();
    `;
    const run = async (env: NodeJS.ProcessEnv) => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', program], { env });
      let output = '';
      child.stdout.on('data', (chunk) => (output += String(chunk)));
      await once(child, 'close');
      return output;
    };
    expect(await run({})).toBe('tls_failed');
    expect(await run({ NODE_EXTRA_CA_CERTS: file })).toBe('200');
  });
});
