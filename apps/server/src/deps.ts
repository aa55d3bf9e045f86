import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Config } from './config.ts';
import { DASHBOARD_ROOT } from './dashboard-build.ts';
import { DEFAULT_DISPATCH_SETTINGS } from './dispatch/deps.ts';
import { Dispatcher } from './dispatch/dispatcher.ts';
import type { EventsDeps } from './events/deps.ts';
import { EventProcessor } from './events/processor.ts';
import { receiveWebhook, type ReceivedRequest, type Reception } from './events/receive.ts';
import { createRouteExplainer } from './dispatch/explain.ts';
import {
  createDispatchMetrics,
  createEventMetrics,
  createRegistry,
  createTaskMetrics,
  createWebhookMetrics,
} from './metrics.ts';
import type { HttpDeps } from './http/deps.ts';
import type { Tracer } from './lib/tracer.ts';
import { createDnsResolver } from './lib/dns-resolver.ts';
import { createOutboundGuard } from './lib/outbound-guard.ts';
import { createProviderHttp } from './providers/http.ts';
import { createProviderRegistry } from './providers/registry.ts';
import { createPost } from './post-webhook.ts';
import { notifyQueue, type Notifier } from './queue/notify-queue.ts';
import type { ServiceDeps } from './services/context.ts';
import { createAcceptor } from './services/emails/accept.ts';
import { AccountLimiter } from './services/rate-limits/account-limiter.ts';
import { keepSandboxMessage } from './services/sandbox/keep.ts';
import { Authenticator } from './services/sessions/authenticate.ts';
import type { TaskMetrics } from './schedule.ts';
import type { Store } from './store.ts';
import { WebhookDeliverer } from './webhooks/deliverer.ts';
import { DEFAULT_WEBHOOK_SETTINGS, type Post } from './webhooks/deps.ts';

/** Two tries, the second waiting longer: about four and a half seconds in all. */
const DNS_LIMITS = { timeoutMs: 1_500, tries: 2, totalMs: 10_000 };

/** And one try of a webhook: receivers are to take the event and answer, not to work on it. */
const WEBHOOK_TIME_LIMITS = { connectMs: 5_000, firstByteMs: 10_000, totalMs: 15_000 };

/** Everything a running server is made of, put together once. */
export type Deps = {
  readonly services: ServiceDeps;
  readonly http: HttpDeps;
  readonly dispatcher: Dispatcher;
  readonly eventProcessor: EventProcessor;
  readonly deliverer: WebhookDeliverer;
  readonly taskMetrics: TaskMetrics;
  /** Ends what holds sockets and timers, in an order that loses nothing. */
  close(): Promise<void>;
};

export function createDeps(
  config: Config,
  store: Store,
  { log, tracer }: { log: Logger; tracer: Tracer },
): Deps {
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
  const registry = createRegistry(database.pool, { log, role: config.role });
  const now = () => new Date();
  const dns = createDnsResolver({ servers: config.dnsServers, ...DNS_LIMITS });
  const services: ServiceDeps = { database, keyring, providers, jwtSecret, dns, now, guard };
  const webhookHttp = createProviderHttp({ guard, timeLimits: WEBHOOK_TIME_LIMITS });
  const deliverer = createDeliverer(store, {
    ...{ post: createPost(webhookHttp, now), log, registry, tracer },
  });
  const dispatcher = createDispatcher(services, { config, log, registry, tracer, deliverer });
  const heard = { log, now, tracer, metrics: createEventMetrics(registry) };
  const events: EventsDeps = { database, keyring, providers, ...heard };
  const eventProcessor = new EventProcessor(events);
  const notifier = notifyQueue(database.pool, log);
  const worker = config.role === 'api' ? null : dispatcher;
  const acceptor = createAcceptor({ database, tracer, ...wayTo(worker, notifier) });
  const limiter = new AccountLimiter({ database, defaultLimit: config.rateLimitPerMinute, now });
  const authenticator = new Authenticator(services);
  return {
    services,
    dispatcher,
    eventProcessor,
    deliverer,
    taskMetrics: createTaskMetrics(registry),
    http: {
      services: { ...services, acceptor, explainRoute: createRouteExplainer(services) },
      ...{ authenticator, limiter, log, registry, tracer },
      receiveWebhook: (received) => receiveAndWake(events, eventProcessor, received),
      authRateLimitPerMinute: config.authRateLimitPerMinute,
      publicUrl: config.publicUrl,
      dashboardRoot: config.dashboard === 'on' ? DASHBOARD_ROOT : null,
      trustedProxies: config.trustedProxies,
      hasMetrics: config.metricsPort === null,
    },
    async close() {
      await acceptor.idle();
      notifier.close();
      await limiter.close();
      await authenticator.close();
      await closeAll([...providers.values(), providerHttp, webhookHttp]);
    },
  };
}

/** The workers of other processes are told by the database, ours without a detour. */
function wayTo(worker: Dispatcher | null, notifier: Notifier) {
  if (worker === null) return { onQueued: () => notifier.notify() };
  const onQueued = (accountIds: ReadonlySet<string>) => worker.wake(accountIds);
  return { onQueued, handOver: worker };
}

async function closeAll(closers: readonly { close(): Promise<void> }[]): Promise<void> {
  await Promise.all(closers.map((closer) => closer.close()));
}

async function receiveAndWake(
  events: EventsDeps,
  processor: EventProcessor,
  received: ReceivedRequest,
): Promise<Reception> {
  const reception = await receiveWebhook(events, received);
  if (reception.kind === 'taken') processor.wake();
  return reception;
}

type Observers = { readonly log: Logger; readonly registry: Registry; readonly tracer: Tracer };

function createDispatcher(
  { database, keyring, providers }: ServiceDeps,
  context: Observers & { config: Config; deliverer: WebhookDeliverer },
): Dispatcher {
  const { config, log, registry, tracer, deliverer } = context;
  return new Dispatcher({
    ...{ database, keyring, providers, log, tracer, random: Math.random },
    settings: { ...DEFAULT_DISPATCH_SETTINGS, concurrency: config.workerConcurrency },
    metrics: createDispatchMetrics(registry),
    onWebhooksDue: () => deliverer.wake(),
  });
}

function createDeliverer(
  { database, keyring }: Store,
  { post, log, registry, tracer }: Observers & { post: Post },
): WebhookDeliverer {
  return new WebhookDeliverer({
    ...{ database, keyring, post, log, tracer, random: Math.random },
    settings: DEFAULT_WEBHOOK_SETTINGS,
    onTried: createWebhookMetrics(registry),
  });
}
