import type pg from 'pg';
import type { Logger } from 'pino';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Config } from './config.ts';
import { DEFAULT_DISPATCH_SETTINGS, type DispatchMetrics } from './dispatch/deps.ts';
import { Dispatcher } from './dispatch/dispatcher.ts';
import type { EventMetrics, EventsDeps } from './events/deps.ts';
import { EventProcessor } from './events/processor.ts';
import { receiveWebhook } from './events/receive.ts';
import { createRouteExplainer } from './dispatch/explain.ts';
import type { HttpDeps } from './http/deps.ts';
import { createDnsResolver } from './lib/dns-resolver.ts';
import { createOutboundGuard } from './lib/outbound-guard.ts';
import { createProviderHttp } from './providers/http.ts';
import { createProviderRegistry } from './providers/registry.ts';
import { countConnectionStates } from './queue/count-connection-states.ts';
import { notifyQueue } from './queue/notify-queue.ts';
import type { ServiceDeps } from './services/context.ts';
import { createAcceptor } from './services/emails/accept.ts';
import { AccountLimiter } from './services/rate-limits/account-limiter.ts';
import { keepSandboxMessage } from './services/sandbox/keep.ts';
import { Authenticator } from './services/sessions/authenticate.ts';
import type { Store } from './store.ts';

/** Two tries, the second waiting longer: about four and a half seconds in all. */
const DNS_LIMITS = { timeoutMs: 1_500, tries: 2 };

/** Everything a running server is made of, put together once. */
export type Deps = {
  readonly services: ServiceDeps;
  readonly http: HttpDeps;
  readonly dispatcher: Dispatcher;
  readonly eventProcessor: EventProcessor;
  /** Ends what holds sockets and timers, in an order that loses nothing. */
  close(): Promise<void>;
};

export function createDeps(config: Config, store: Store, log: Logger): Deps {
  const { database, keyring, jwtSecret } = store;
  const guard = createOutboundGuard({ privateNetworks: config.privateNetworks });
  const timeLimits = config.providerTimeLimits;
  const providerHttp = createProviderHttp({ guard, timeLimits });
  const providers = createProviderRegistry({
    http: providerHttp,
    guard,
    timeLimits,
    keepInSandbox: (connection, message) => keepSandboxMessage(database, connection, message),
  });
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  addHealthMetrics(registry, database.pool, log);
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
  const events: EventsDeps = {
    database,
    keyring,
    providers,
    log,
    metrics: createEventMetrics(registry),
    now,
  };
  const eventProcessor = new EventProcessor(events);
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
    eventProcessor,
    http: {
      services: { ...services, acceptor, explainRoute: createRouteExplainer(services) },
      authenticator,
      limiter,
      async receiveWebhook(received) {
        const reception = await receiveWebhook(events, received);
        if (reception.kind === 'taken') eventProcessor.wake();
        return reception;
      },
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

/** The same on every node: asked of the database when somebody looks. */
function addHealthMetrics(registry: Registry, pool: pg.Pool, log: Logger): void {
  new Gauge({
    name: 'courierx_breaker_state',
    help: 'Connections by provider and state; scope "receiver": breakers of single receivers.',
    labelNames: ['provider', 'scope', 'state'],
    registers: [registry],
    async collect() {
      try {
        const states = await countConnectionStates(pool);
        this.reset();
        for (const { count, ...labels } of states) this.set(labels, count);
      } catch (error) {
        this.reset();
        log.warn({ err: error }, 'the health of connections can not be counted');
      }
    },
  });
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
  const breakers = new Counter({
    name: 'courierx_breaker_transitions_total',
    help: 'Breakers opened and closed by this process, of connections and of single receivers.',
    labelNames: ['provider', 'state', 'scope', 'reason'],
    registers: [registry],
  });
  const paced = new Counter({
    name: 'courierx_paced_total',
    help: 'Mails that waited or went elsewhere because of a pace or a cap.',
    labelNames: ['provider'],
    registers: [registry],
  });
  const settled = new Counter({
    name: 'courierx_settlements_total',
    help: 'Questions to providers about attempts in doubt, by answer.',
    labelNames: ['provider', 'result'],
    registers: [registry],
  });
  return {
    attempt({ provider, outcome, reason }, latencyMs) {
      attempts.inc({ provider, outcome, reason });
      seconds.observe({ provider, outcome }, latencyMs / 1000);
    },
    breakerMoved({ isWhole, ...labels }) {
      breakers.inc({ ...labels, scope: isWhole ? 'connection' : 'receiver' });
    },
    paced: (provider) => paced.inc({ provider }),
    settled: (labels) => settled.inc(labels),
  };
}

function createEventMetrics(registry: Registry): EventMetrics {
  const requests = new Counter({
    name: 'courierx_webhook_requests_total',
    help: 'Requests to the webhook URLs of connections, by what became of them.',
    labelNames: ['provider', 'verdict'],
    registers: [registry],
  });
  const events = new Counter({
    name: 'courierx_provider_events_total',
    help: 'Events that providers reported, by what became of them.',
    labelNames: ['provider', 'type', 'result'],
    registers: [registry],
  });
  const lag = new Histogram({
    name: 'courierx_provider_event_lag_seconds',
    help: "From the provider's time of an event until it was applied.",
    labelNames: ['provider'],
    buckets: [0.5, 1, 5, 15, 60, 300, 3600, 86_400],
    registers: [registry],
  });
  return {
    request: (provider, verdict) => requests.inc({ provider, verdict }),
    event: (labels) => events.inc(labels),
    lag: (provider, seconds) => lag.observe({ provider }, seconds),
  };
}
