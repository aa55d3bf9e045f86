import { randomBytes } from 'node:crypto';
import { Writable } from 'node:stream';
import type { ProviderName, SessionAnswer } from '@courierx/contract';
import type { FastifyInstance } from 'fastify';
import type pg from 'pg';
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
import { ApiCaller } from './api-caller.ts';
import { createTestDatabase } from './database.ts';
import { quietEventsDeps } from './events-deps.ts';
import { ScriptedProvider } from './scripted-provider.ts';

export type ApiFixture = Awaited<ReturnType<typeof createApiFixture>>;

export type ApiFixtureOptions = {
  rateLimitPerMinute?: number;
  authRateLimitPerMinute?: number;
  publicUrl?: string;
  /** `host:port` each. */
  dnsServers?: string[];
  dnsTimeoutMs?: number;
  /** Of another server than the test's: one that is away. */
  connection?: pg.PoolConfig;
};

export const PASSWORD = 'correct horse battery staple';

/** The production app over a database of its own, with providers that answer by script. */
export async function createApiFixture(options: ApiFixtureOptions = {}) {
  const testDatabase = options.connection ? null : await createTestDatabase();
  const database = openDatabase({
    connection: options.connection ?? testDatabase?.connection ?? {},
    maxConnections: 10,
    onIdleError: () => undefined,
  });
  const log = createLog();
  const clock = createClock();
  const sendgrid = new ScriptedProvider('sendgrid', {
    required: ['api_key'],
    optional: ['region', 'endpoint'],
  });
  const smtp = new ScriptedProvider('smtp', {
    required: ['smtp_host'],
    optional: ['smtp_port', 'smtp_tls', 'api_key', 'secret'],
  });
  const sandbox = new ScriptedProvider('sandbox');
  const keyring = createKeyring([randomBytes(32)]);
  const providers = new Map<ProviderName, Provider>(
    [sendgrid, smtp, sandbox].map((provider) => [provider.name, provider]),
  );
  const dns = createDnsResolver({
    servers: options.dnsServers ?? [],
    timeoutMs: options.dnsTimeoutMs ?? 2_000,
    tries: 1,
    totalMs: 20_000,
  });
  const jwtSecret = randomBytes(32);
  const services = { database, keyring, providers, jwtSecret, dns, now: clock.now };
  const acceptor = createAcceptor({ database, onQueued: () => undefined });
  const limiter = new AccountLimiter({
    database,
    defaultLimit: options.rateLimitPerMinute ?? 1_000_000,
    now: clock.now,
  });
  const deps: HttpDeps = {
    services: { ...services, acceptor, explainRoute: createRouteExplainer(services) },
    authenticator: new Authenticator(services),
    limiter,
    receiveWebhook: (received) => receiveWebhook(quietEventsDeps(services), received),
    authRateLimitPerMinute: options.authRateLimitPerMinute ?? 1_000_000,
    publicUrl: options.publicUrl ?? null,
    log: log.logger,
    registry: new Registry(),
  };
  const app = await buildApp(deps);
  return {
    ...{ app, clock, database, deps, keyring, log, sandbox, sendgrid, smtp },
    jwtSecret,
    services,
    /** Without a token. */
    anyone: new ApiCaller(app, null),
    caller: (token: string) => new ApiCaller(app, token),
    signUp: (over: Partial<SignUp> = {}) => signUp(app, over),
    async close() {
      await app.close();
      await acceptor.idle();
      await limiter.close();
      await deps.authenticator.close();
      if (!database.pool.ended) await database.close();
      await testDatabase?.drop();
    },
  };
}

type SignUp = { name: string; email: string; password: string };

/** A caller with the session of a new account. */
export type SignedUp = ApiCaller & { readonly accountId: string; readonly email: string };

async function signUp(app: FastifyInstance, over: Partial<SignUp>): Promise<SignedUp> {
  const email = over.email ?? `${crypto.randomUUID()}@example.com`;
  const password = over.password ?? PASSWORD;
  const answer = await new ApiCaller(app, null).post<SessionAnswer>('/auth/register', {
    name: over.name ?? 'Ada',
    ...{ email, password, password_confirmation: password },
  });
  if (answer.status !== 201) throw new Error(`No account: ${answer.text}`);
  const accountId = answer.body.account.id;
  return Object.assign(new ApiCaller(app, answer.body.token), { accountId, email });
}

/** The real time, until it is set or moved. */
function createClock() {
  let fixed: Date | null = null;
  let offsetMs = 0;
  return {
    now: () => fixed ?? new Date(Date.now() + offsetMs),
    set(time: Date | null) {
      fixed = time;
    },
    advance(ms: number) {
      if (fixed) fixed = new Date(fixed.getTime() + ms);
      else offsetMs += ms;
    },
  };
}

/** A logger whose lines can be read. */
function createLog() {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  return {
    lines,
    logger: pino({ level: 'trace' }, stream),
    text: () => lines.join(''),
  };
}
