import { Writable } from 'node:stream';
import pino from 'pino';
import { readConfig } from '../../src/config.ts';
import { startServer } from '../../src/server.ts';
import { createTestDatabase } from './database.ts';
import { testSecrets, type ServerEnvironment } from './server-process.ts';

export type TestServer = Awaited<ReturnType<typeof startTestServer>>;

/** The whole server in this process, on a database of its own; what it logs can be read. */
export async function startTestServer(env: ServerEnvironment = {}) {
  const testDatabase = await createTestDatabase();
  const lines: string[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  const config = readConfig({
    ...{ PORT: '0', DATABASE_URL: testDatabase.url, COURIERX_PRIVATE_NETWORKS: 'allow' },
    ...{ COURIERX_AUTH_RATE_LIMIT_PER_MINUTE: '100000', ...testSecrets(), ...env },
  });
  const server = await startServer(config, pino({ level: config.logLevel }, sink));
  const url = server.url ?? '';
  return {
    ...{ config, lines, url, metricsUrl: server.metricsUrl, store: server.store },
    text: () => lines.join(''),
    call: (method: string, path: string, options: CallOptions = {}) =>
      call(`${url}${path}`, method, options),
    signUp: () => signUp(url),
    metrics: async () => (await fetch(`${server.metricsUrl ?? url}/metrics`)).text(),
    async close() {
      try {
        await server.stop();
      } finally {
        await testDatabase.drop();
      }
    },
  };
}

type CallOptions = { token?: string; body?: unknown; headers?: Record<string, string> };

async function call(url: string, method: string, { token, body, headers }: CallOptions) {
  const response = await fetch(url, {
    method,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
  const parsed = (isJson ? JSON.parse(text) : {}) as Record<string, unknown>;
  return { status: response.status, headers: response.headers, body: parsed, text };
}

export const SERVER_PASSWORD = 'correct horse battery staple';

/** The token of a new account. */
async function signUp(url: string): Promise<string> {
  const { body, text } = await call(`${url}/api/v1/auth/register`, 'POST', {
    body: {
      ...{ name: 'Ada', email: `${crypto.randomUUID()}@example.com` },
      ...{ password: SERVER_PASSWORD, password_confirmation: SERVER_PASSWORD },
    },
  });
  if (typeof body['token'] !== 'string') throw new Error(`No account: ${text}`);
  return body['token'];
}
