import type pg from 'pg';
import type { Logger } from 'pino';
import { Gauge, type Registry } from 'prom-client';
import { lastPartitionEnd } from './db/partitions.ts';
import { lastTaskRuns } from './db/last-task-runs.ts';
import { measureInbox } from './events/measure-inbox.ts';
import { remember } from './lib/remember.ts';
import { createSemaphore } from './lib/semaphore.ts';
import { countConnectionStates } from './queue/count-connection-states.ts';
import { measureQueue } from './queue/measure-queue.ts';
import { measureBacklog } from './webhooks/measure-backlog.ts';

/** Scrapes within this share one look, however many scrapers there are. */
const FRESH_MS = 5_000;
/** Below the usual limit of a scrape (10 s): the figures of the process itself are always told. */
const WAIT_MS = 3_000;
const STALE_MS = 60_000;
const STATEMENT_MS = 10_000;
const DAY_MS = 86_400_000;

type Client = Pick<pg.ClientBase, 'query'>;
type Sample = { readonly labels?: Readonly<Record<string, string>>; readonly value: number };
type GaugeOptions<T> = {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly string[];
  readonly look: () => Promise<T | null>;
  readonly read: (figures: T) => readonly Sample[];
};

/**
 * What is asked of the database when somebody looks, and so the same on every node. While it is away
 * these figures are missing, and `courierx_database_up` is 0.
 */
export function addDatabaseMetrics(registry: Registry, pool: pg.Pool, log: Logger): void {
  const looks = createLooks(pool, log);
  const add = <T>(options: GaugeOptions<T>) => addGauge(registry, options);
  addGauge(registry, {
    name: 'courierx_database_up',
    help: 'Whether the database answers.',
    look: async () => (await looks.answer()) ?? 0,
    read: (value) => [{ value }],
  });
  addQueueMetrics(add, looks.queue);
  addBacklogMetrics(add, looks);
  add({
    name: 'courierx_breaker_state',
    help: 'Connections by provider and state; scope "receiver": breakers of single receivers.',
    labelNames: ['provider', 'scope', 'state'],
    look: looks.connections,
    read: (states) => states.map(({ count, ...labels }) => ({ labels, value: count })),
  });
  add({
    name: 'courierx_partition_days_left',
    help: 'Days until a mail table has no partition for new mail.',
    look: looks.partitions,
    read: ({ end }) => [{ value: end ? Math.max(0, (end.getTime() - Date.now()) / DAY_MS) : 0 }],
  });
  add({
    name: 'courierx_task_last_success_timestamp_seconds',
    help: 'When a scheduled task last succeeded on any node.',
    labelNames: ['task'],
    look: looks.tasks,
    read: (runs) =>
      runs.map(({ task, lastSuccessSeconds: value }) => ({ labels: { task }, value })),
  });
}

type Add = <T>(options: GaugeOptions<T>) => void;
type Looks = ReturnType<typeof createLooks>;

function addQueueMetrics(add: Add, look: Looks['queue']): void {
  add({
    name: 'courierx_queue_emails',
    help: 'Mails to be sent, by state: due, waiting, in_flight, held. Counts end at 20000.',
    labelNames: ['state'],
    look,
    read: ({ due, waiting, inFlight, held }) =>
      Object.entries({ due, waiting, in_flight: inFlight, held }).map(([state, value]) => ({
        labels: { state },
        value,
      })),
  });
  add({
    name: 'courierx_queue_emails_estimate',
    help: 'All mails to be sent, as the statistics of PostgreSQL have it: some minutes old.',
    look,
    read: ({ estimate: value }) => [{ value }],
  });
  add({
    name: 'courierx_queue_oldest_due_seconds',
    help: 'How late the most overdue mail is.',
    look,
    read: ({ oldestDueSeconds: value }) => [{ value }],
  });
}

function addBacklogMetrics(add: Add, looks: Looks): void {
  add({
    name: 'courierx_webhook_backlog',
    help: 'Webhook deliveries that are due and not under way. Counts end at 10000.',
    look: looks.webhooks,
    read: ({ due: value }) => [{ value }],
  });
  add({
    name: 'courierx_webhook_oldest_due_seconds',
    help: 'How late the most overdue webhook delivery to an endpoint that answers is.',
    look: looks.webhooks,
    read: ({ oldestSeconds: value }) => [{ value }],
  });
  add({
    name: 'courierx_event_inbox_requests',
    help: "Providers' requests that are stored and not processed. Counts end at 10000.",
    look: looks.inbox,
    read: ({ requests: value }) => [{ value }],
  });
  add({
    name: 'courierx_event_inbox_oldest_seconds',
    help: "Age of the oldest provider's request that is not processed.",
    look: looks.inbox,
    read: ({ oldestRequestSeconds: value }) => [{ value }],
  });
  add({
    name: 'courierx_waiting_events',
    help: 'Events of providers whose mail has not been found. Counts end at 10000.',
    look: looks.inbox,
    read: ({ waitingEvents: value }) => [{ value }],
  });
}

/** One connection for all of them, and one statement at a time. */
function createLooks(pool: pg.Pool, log: Logger) {
  const turn = createSemaphore(1);
  const times = { freshMs: FRESH_MS, waitMs: WAIT_MS, staleMs: STALE_MS };
  const lookAt = <T>(what: string, ask: (client: Client) => Promise<T>) =>
    remember({
      ...times,
      look: () => turn.run(() => askBriefly(pool, ask)),
      onError: (error) => log.warn({ err: error, what }, 'not measured'),
    });
  return {
    answer: lookAt('database', (client) => client.query('select').then(() => 1)),
    queue: lookAt('queue', measureQueue),
    webhooks: lookAt('webhook backlog', measureBacklog),
    inbox: lookAt('event inbox', measureInbox),
    connections: lookAt('connections', countConnectionStates),
    partitions: lookAt('partitions', async (client) => ({ end: await lastPartitionEnd(client) })),
    tasks: lookAt('scheduled tasks', lastTaskRuns),
  };
}

/** Whatever goes wrong with a plan, the server ends it. */
async function askBriefly<T>(pool: pg.Pool, ask: (client: Client) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query(
      `begin read only; set local jit = off; set local statement_timeout = ${STATEMENT_MS}`,
    );
    const answer = await ask(client);
    await client.query('commit');
    client.release();
    return answer;
  } catch (error) {
    client.release(true);
    throw error;
  }
}

function addGauge<T>(registry: Registry, { look, read, ...options }: GaugeOptions<T>): void {
  const labelNames = options.labelNames ?? [];
  new Gauge({
    ...options,
    labelNames: [...labelNames],
    registers: [registry],
    async collect() {
      const figures = await look();
      // A figure that is not known is missing, not 0.
      if (labelNames.length > 0) this.reset();
      else this.remove();
      if (figures === null) return;
      for (const { labels = {}, value } of read(figures)) this.set({ ...labels }, value);
    },
  });
}
