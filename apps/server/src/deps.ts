import type { Logger } from 'pino';
import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client';
import type { Config } from './config.ts';
import { DEFAULT_DISPATCH_SETTINGS, type DispatchMetrics } from './dispatch/deps.ts';
import { Dispatcher } from './dispatch/dispatcher.ts';
import type { HttpDeps } from './http/deps.ts';
import { createDnsResolver } from './lib/dns-resolver.ts';
import { createOutboundGuard } from './lib/outbound-guard.ts';
import { createProviderHttp } from './providers/http.ts';
import { createProviderRegistry } from './providers/registry.ts';
import { notifyQueue } from './queue/notify-queue.ts';
import type { ServiceDeps } from './services/context.ts';
import { createAcceptor } from './services/emails/accept.ts';
import { AccountLimiter } from './services/rate-limits/account-limiter.ts';
import { keepSandboxMessage } from './services/sandbox/keep.ts';
import { Authenticator } from './services/sessions/authenticate.ts';
import type { Store } from './store.ts';

/** How long one attempt may take. A mail fails over when one of these has passed. */
const TIME_LIMITS = { connectMs: 5_000, firstByteMs: 15_000, totalMs: 60_000 };

/** Two tries, the second waiting longer: about four and a half seconds in all. */
const DNS_LIMITS = { timeoutMs: 1_500, tries: 2 };

/** Everything a running server is made of, put together once. */
export type Deps = {
  readonly services: ServiceDeps;
  readonly http: HttpDeps;
  readonly dispatcher: Dispatcher;
  /** Ends what holds sockets and timers, in an order that loses nothing. */
  close(): Promise<void>;
};

export function createDeps(config: Config, store: Store, log: Logger): Deps {
  const { database, keyring, jwtSecret } = store;
  const guard = createOutboundGuard({ privateNetworks: config.privateNetworks });
  const providerHttp = createProviderHttp({ guard, timeLimits: TIME_LIMITS });
  const providers = createProviderRegistry({
    http: providerHttp,
    guard,
    timeLimits: TIME_LIMITS,
    keepInSandbox: (connection, message) => keepSandboxMessage(database, connection, message),
  });
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const now = () => new Date();
  const dns = createDnsResolver({ servers: config.dnsServers, ...DNS_LIMITS });
  const services: ServiceDeps = { database, keyring, providers, jwtSecret, dns, now };
  const dispatcher = new Dispatcher({
    database,
    keyring,
    providers,
    log,
    random: Math.random,
    settings: { ...DEFAULT_DISPATCH_SETTINGS, concurrency: config.workerConcurrency },
    metrics: createDispatchMetrics(registry),
  });
  const notifier = notifyQueue(database.pool, log);
  const isWorker = config.role !== 'api';
  const acceptor = createAcceptor({
    database,
    // The workers of other processes are told by the database, ours without a detour.
    onQueued: () => (isWorker ? dispatcher.wake() : notifier.notify()),
  });
  const { rateLimitPerMinute: defaultLimit } = config;
  const limiter = new AccountLimiter({ database, defaultLimit, now });
  const authenticator = new Authenticator(services);
  return {
    services,
    dispatcher,
    http: {
      services: { ...services, acceptor },
      authenticator,
      limiter,
      authRateLimitPerMinute: config.authRateLimitPerMinute,
      publicUrl: config.publicUrl,
      trustedProxies: config.trustedProxies,
      log,
      registry,
    },
    async close() {
      await acceptor.idle();
      notifier.close();
      await limiter.close();
      await authenticator.close();
      await Promise.all([...providers.values()].map((provider) => provider.close()));
      await providerHttp.close();
    },
  };
}

function createDispatchMetrics(registry: Registry): DispatchMetrics {
  const attempts = new Counter({
    name: 'courierx_attempts_total',
    help: 'Attempts by provider, outcome and reason.',
    labelNames: ['provider', 'outcome', 'reason'],
    registers: [registry],
  });
  const seconds = new Histogram({
    name: 'courierx_attempt_seconds',
    help: 'How long providers take to answer.',
    labelNames: ['provider', 'outcome'],
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60],
    registers: [registry],
  });
  return {
    attempt({ provider, outcome, reason }, latencyMs) {
      attempts.inc({ provider, outcome, reason });
      seconds.observe({ provider, outcome }, latencyMs / 1000);
    },
  };
}
