import type pg from 'pg';
import type { Logger } from 'pino';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import packageJson from '../package.json' with { type: 'json' };
import type { Role } from './config.ts';
import { addDatabaseMetrics } from './database-metrics.ts';
import type { DispatchMetrics } from './dispatch/deps.ts';
import type { EventMetrics } from './events/deps.ts';
import type { TaskMetrics } from './schedule.ts';

/** The figures of the process itself and of what all processes share. */
export function createRegistry(
  pool: pg.Pool,
  { log, role }: { log: Logger; role: Role },
): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'courierx_build_info',
    help: 'Always 1; what runs here is in the labels.',
    labelNames: ['version', 'role'],
    registers: [registry],
  }).set({ version: packageJson.version, role }, 1);
  addPoolMetrics(registry, pool);
  addDatabaseMetrics(registry, pool, log);
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
export function createWebhookMetrics(registry: Registry): (outcome: string) => void {
  const tries = new Counter({
    name: 'courierx_webhook_deliveries_total',
    help: 'Tries at webhook deliveries by outcome.',
    labelNames: ['outcome'],
    registers: [registry],
  });
  return (outcome) => tries.inc({ outcome });
}

/** Counts runs of the scheduled tasks on this node. */
export function createTaskMetrics(registry: Registry): TaskMetrics {
  const runs = new Counter({
    name: 'courierx_task_runs_total',
    help: 'Runs of scheduled tasks by outcome.',
    labelNames: ['task', 'outcome'],
    registers: [registry],
  });
  return {
    // A counter that begins at 1 has not risen, for those who look at rates.
    known: (task) => OUTCOMES.forEach((outcome) => runs.inc({ task, outcome }, 0)),
    ran: (task, outcome) => runs.inc({ task, outcome }),
  };
}

const OUTCOMES = ['succeeded', 'failed'] as const;

function addPoolMetrics(registry: Registry, pool: pg.Pool): void {
  new Gauge({
    name: 'courierx_pool_connections',
    help: "This process's connections to the database, by state: in_use, idle.",
    labelNames: ['state'],
    registers: [registry],
    collect() {
      this.set({ state: 'in_use' }, pool.totalCount - pool.idleCount);
      this.set({ state: 'idle' }, pool.idleCount);
    },
  });
  new Gauge({
    name: 'courierx_pool_connections_max',
    help: 'The most connections this process makes.',
    registers: [registry],
  }).set(pool.options.max);
  new Gauge({
    name: 'courierx_pool_waiting',
    help: 'Statements of this process that wait for a connection.',
    registers: [registry],
    collect() {
      this.set(pool.waitingCount);
    },
  });
}
