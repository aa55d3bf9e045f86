import type pg from 'pg';
import type { Logger } from 'pino';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { DispatchMetrics } from './dispatch/deps.ts';
import type { EventMetrics } from './events/deps.ts';
import { countConnectionStates } from './queue/count-connection-states.ts';
import { countDue } from './webhooks/count-due.ts';

/** The figures of the process itself and of the connections. */
export function createRegistry(pool: pg.Pool, log: Logger): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  addHealthMetrics(registry, pool, log);
  return registry;
}

/** What sending counts. */
export function createDispatchMetrics(registry: Registry): DispatchMetrics {
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

/** What hearing back counts. */
export function createEventMetrics(registry: Registry): EventMetrics {
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

/** Counts tries at deliveries to customers' webhook endpoints, by outcome. */
export function createWebhookMetrics(
  registry: Registry,
  { pool, log }: { pool: pg.Pool; log: Logger },
): (outcome: string) => void {
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
      try {
        this.set(await countDue(pool));
      } catch (error) {
        this.reset();
        log.warn({ err: error }, 'webhook deliveries can not be counted');
      }
    },
  });
  return (outcome) => tries.inc({ outcome });
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
