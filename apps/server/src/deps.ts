import type { Logger } from 'pino';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Config } from './config.ts';
import { DEFAULT_DISPATCH_SETTINGS, type DispatchMetrics } from './dispatch/deps.ts';
import { Dispatcher } from './dispatch/dispatcher.ts';
import type { HttpDeps } from './http/deps.ts';
import { createOutboundGuard } from './lib/outbound-guard.ts';
import { createProviderHttp } from './providers/http.ts';
import { createProviderRegistry } from './providers/registry.ts';
import { createPost } from './post-webhook.ts';
import { notifyQueue } from './queue/notify-queue.ts';
import type { ServiceDeps } from './services/context.ts';
import { createAcceptor } from './services/emails/accept.ts';
import { AccountLimiter } from './services/rate-limits/account-limiter.ts';
import { keepSandboxMessage } from './services/sandbox/keep.ts';
import { Authenticator } from './services/sessions/authenticate.ts';
import type { Store } from './store.ts';
import { WebhookDeliverer } from './webhooks/deliverer.ts';
import { DEFAULT_WEBHOOK_SETTINGS, type Post } from './webhooks/deps.ts';

/** How long one attempt may take. A mail fails over when one of these has passed. */
const TIME_LIMITS = { connectMs: 5_000, firstByteMs: 15_000, totalMs: 60_000 };

/** And one try of a webhook: receivers are to take the event and answer, not to work on it. */
const WEBHOOK_TIME_LIMITS = { connectMs: 5_000, firstByteMs: 10_000, totalMs: 15_000 };

/** Everything a running server is made of, put together once. */
export type Deps = {
  readonly services: ServiceDeps;
  readonly http: HttpDeps;
  readonly dispatcher: Dispatcher;
  readonly deliverer: WebhookDeliverer;
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
  const services: ServiceDeps = { database, keyring, providers, jwtSecret, now, guard };
  const webhookHttp = createProviderHttp({ guard, timeLimits: WEBHOOK_TIME_LIMITS });
  const deliverer = createDeliverer(store, { post: createPost(webhookHttp, now), log, registry });
  const dispatcher = new Dispatcher({
    database,
    keyring,
    providers,
    log,
    random: Math.random,
    settings: { ...DEFAULT_DISPATCH_SETTINGS, concurrency: config.workerConcurrency },
    metrics: createDispatchMetrics(registry),
    onWebhooksDue: () => deliverer.wake(),
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
    deliverer,
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
      await webhookHttp.close();
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

function createDeliverer(
  store: Store,
  { post, log, registry }: { post: Post; log: Logger; registry: Registry },
): WebhookDeliverer {
  return new WebhookDeliverer({
    ...{ database: store.database, keyring: store.keyring, post, log, random: Math.random },
    settings: DEFAULT_WEBHOOK_SETTINGS,
    onTried: createWebhookMetrics(registry, store),
  });
}

function createWebhookMetrics(registry: Registry, { database }: Store) {
  const tries = new Counter({
    name: 'courierx_webhook_deliveries_total',
    help: 'Tries at webhook deliveries by outcome.',
    labelNames: ['outcome'],
    registers: [registry],
  });
  new Gauge({
    name: 'courierx_webhook_backlog',
    help: 'Webhook deliveries that are due and not under way, at most 10000.',
    registers: [registry],
    async collect() {
      const backlog = await countBacklog(database).catch(() => null);
      // Away, the database must not take the other figures with it.
      if (backlog === null) this.reset();
      else this.set(backlog);
    },
  });
  return (outcome: string) => tries.inc({ outcome });
}

async function countBacklog({ pool }: Store['database']): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `select count(*)::int as count from (
       select from webhook_deliveries
       where run_at is not null and run_at <= now() and lease is null limit 10000) due`,
  );
  return rows[0]?.count ?? 0;
}
