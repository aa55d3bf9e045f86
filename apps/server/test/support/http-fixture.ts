import { randomBytes } from 'node:crypto';
import { PassThrough } from 'node:stream';
import type { Account, CreatedApiKey, ProviderName } from '@courierx/contract';
import type { FastifyInstance, InjectOptions } from 'fastify';
import pino from 'pino';
import { Registry } from 'prom-client';
import { buildApp } from '../../src/app.ts';
import { openDatabase } from '../../src/db/database.ts';
import { receiveWebhook } from '../../src/events/receive.ts';
import { createRouteExplainer } from '../../src/dispatch/explain.ts';
import type { HttpDeps } from '../../src/http/deps.ts';
import { createDnsResolver } from '../../src/lib/dns-resolver.ts';
import { createKeyring } from '../../src/lib/keyring.ts';
import type { Provider } from '../../src/providers/provider.ts';
import { createAcceptor } from '../../src/services/emails/accept.ts';
import { AccountLimiter } from '../../src/services/rate-limits/account-limiter.ts';
import { Authenticator } from '../../src/services/sessions/authenticate.ts';
import { createTestDatabase } from './database.ts';
import { quietEventsDeps } from './events-deps.ts';
import { FakeProvider } from './fake-provider.ts';

export type HttpFixture = Awaited<ReturnType<typeof createHttpFixture>>;

export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Parsed where it is JSON. */
  readonly body: Record<string, unknown>;
  readonly list: readonly Record<string, unknown>[];
  readonly text: string;
};

type CallOptions = {
  token?: string;
  body?: unknown;
  headers?: Record<string, string>;
  from?: string;
};

export const PASSWORD = 'correct horse battery';

/** The production app on a database of its own, as one node of as many as are made. */
export async function createHttpFixture(over: Partial<HttpDeps> & { defaultLimit?: number } = {}) {
  const testDatabase = await createTestDatabase();
  const clock = { now: new Date() };
  const keyring = createKeyring([randomBytes(32)]);
  const jwtSecret = randomBytes(32);
  const sendgrid = new FakeProvider('sendgrid', { required: ['api_key'], optional: ['endpoint'] });
  const smtp = new FakeProvider('smtp', {
    required: ['smtp_host', 'smtp_port'],
    optional: ['api_key', 'secret', 'smtp_tls', 'smtp_sessions'],
  });
  const sandbox = new FakeProvider('sandbox', { required: [], optional: [] });
  const providers = new Map<ProviderName, Provider>(
    [sendgrid, smtp, sandbox].map((provider) => [provider.name, provider]),
  );
  const logLines: string[] = [];
  const nodes: { close(): Promise<void> }[] = [];

  async function createNode() {
    const database = openDatabase({
      connection: testDatabase.connection,
      maxConnections: 6,
      onIdleError: () => undefined,
    });
    const dns = createDnsResolver({ servers: [], timeoutMs: 2_000, tries: 1, totalMs: 20_000 });
    const services = { database, keyring, providers, jwtSecret, dns, now: () => clock.now };
    const acceptor = createAcceptor({ database, onQueued: () => undefined });
    const authenticator = new Authenticator(services);
    const { defaultLimit = 1_000_000, ...rest } = over;
    const limiter = new AccountLimiter({ database, defaultLimit, now: services.now });
    const log = new PassThrough().on('data', (line: Buffer) => logLines.push(line.toString()));
    const app = await buildApp({
      services: { ...services, acceptor, explainRoute: createRouteExplainer(services) },
      authenticator,
      limiter,
      receiveWebhook: (received) => receiveWebhook(quietEventsDeps(services), received),
      authRateLimitPerMinute: 1_000_000,
      publicUrl: 'https://mail.example.com',
      log: pino({ level: 'info' }, log),
      registry: new Registry(),
      ...rest,
    });
    const node = {
      app,
      services,
      authenticator,
      limiter,
      call: callerOf(app),
      async close() {
        await app.close();
        await limiter.close();
        await authenticator.close();
        await database.close();
      },
    };
    nodes.push(node);
    return node;
  }

  const first = await createNode();
  return {
    ...first,
    ...{ sendgrid, smtp, sandbox, clock, logLines, jwtSecret, createNode, testDatabase },
    createAccount: (email?: string) => createAccount(first.call, email),
    async close() {
      await Promise.all(nodes.map((node) => node.close()));
      await testDatabase.drop();
    },
  };
}

export type Call = (
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT',
  /** Below `/api/v1/`, unless it begins with a slash. */
  path: string,
  options?: CallOptions,
) => Promise<Answer>;

function callerOf(app: FastifyInstance): Call {
  return (method, path, options = {}) => call(app, { method, path, ...options });
}

async function call(
  app: FastifyInstance,
  {
    method,
    path,
    token,
    body,
    headers,
    from,
  }: CallOptions & { method: NonNullable<InjectOptions['method']>; path: string },
): Promise<Answer> {
  const response = await app.inject({
    method,
    url: path.startsWith('/') ? path : `/api/v1/${path}`,
    ...(from !== undefined && { remoteAddress: from }),
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { payload: JSON.stringify(body) }),
  });
  const text = response.body;
  const isJson = String(response.headers['content-type']).startsWith('application/json');
  const parsed: unknown = isJson ? JSON.parse(text) : {};
  return {
    status: response.statusCode,
    headers: response.headers as Record<string, string | undefined>,
    body: parsed as Answer['body'],
    list: parsed as Answer['list'],
    text,
  };
}

let accounts = 0;

async function createAccount(callNode: Call, email?: string) {
  accounts += 1;
  const address = email ?? `account-${accounts}@example.com`;
  const answer = await callNode('POST', 'auth/register', {
    body: {
      name: `Account ${accounts}`,
      email: address,
      password: PASSWORD,
      password_confirmation: PASSWORD,
    },
  });
  const { token, account } = answer.body as { token: string; account: Account };
  return {
    token,
    account,
    createKey: async (over: Record<string, unknown> = {}) => {
      const created = await callNode('POST', 'api_keys', { token, body: { name: 'Key', ...over } });
      return created.body as unknown as CreatedApiKey;
    },
  };
}
