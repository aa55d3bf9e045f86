import { setTimeout as delay } from 'node:timers/promises';
import { PgBoss } from 'pg-boss';
import type { Logger } from 'pino';
import { analyzeGrownTables } from './db/analyze-grown-tables.ts';
import { deleteOldRequests } from './events/requests.ts';
import { ensurePartitions } from './db/partitions.ts';
import { deleteOldIdempotencyKeys } from './services/emails/delete-old-keys.ts';
import { deleteOldBreakers } from './queue/move-breaker.ts';
import { foldUsage } from './services/analytics/fold-usage.ts';
import type { ServiceDeps } from './services/context.ts';
import { findSilentConnections } from './services/connections/find-silent.ts';
import { reverifyDue } from './services/connections/reverify-due.ts';
import { applyRetention } from './services/retention/run.ts';
import { deleteExpiredSuppressions } from './services/suppressions/delete-expired.ts';
import { purgeDeletedAccounts } from './services/accounts/purge-deleted.ts';
import { recheckDueDomains } from './services/domains/recheck-due.ts';
import { deleteOldRateLimits } from './services/rate-limits/delete-old.ts';
import { deleteOldDeliveries } from './webhooks/delete-old.ts';

/** What the operator watches of the tasks. */
export type TaskMetrics = {
  /** There is such a task. */
  known(name: string): void;
  ran(name: string, outcome: 'succeeded' | 'failed'): void;
};

type Task = { readonly name: string; readonly cron: string; run(): Promise<unknown> };

/** What is done by the clock: once over all nodes, whichever of them comes to it. */
function tasksOf(services: ServiceDeps): readonly Task[] {
  const { database } = services;
  return [
    { name: 'reverify-connections', cron: '* * * * *', run: () => reverifyDue(services) },
    { name: 'recheck-domains', cron: '* * * * *', run: () => recheckDueDomains(services) },
    {
      name: 'purge-deleted-accounts',
      cron: '* * * * *',
      run: () => purgeDeletedAccounts(services),
    },
    { name: 'fold-usage', cron: '* * * * *', run: () => foldUsage(database) },
    { name: 'apply-retention', cron: '7 * * * *', run: () => applyRetention(services) },
    {
      name: 'make-partitions',
      cron: '17 3 * * *',
      run: () => ensurePartitions(database.pool, services.now()),
    },
    {
      name: 'delete-old-idempotency-keys',
      cron: '27 * * * *',
      run: () => deleteOldIdempotencyKeys(database),
    },
    {
      name: 'find-silent-connections',
      cron: '*/10 * * * *',
      run: () => findSilentConnections(services),
    },
    {
      name: 'delete-old-webhook-requests',
      cron: '47 * * * *',
      run: () => deleteOldRequests(database.pool),
    },
    {
      name: 'delete-old-breakers',
      cron: '57 * * * *',
      run: () => deleteOldBreakers(database.pool),
    },
    {
      name: 'delete-expired-suppressions',
      cron: '47 * * * *',
      run: () => deleteExpiredSuppressions(database),
    },
    {
      name: 'delete-old-rate-limits',
      cron: '37 * * * *',
      run: () => deleteOldRateLimits(database),
    },
    {
      name: 'delete-old-webhook-deliveries',
      cron: '47 * * * *',
      run: () => deleteOldDeliveries(database),
    },
  ];
}

const ANALYZE_MS = 1_000;

const RETRY_MS = 5_000;

type Context = { readonly log: Logger; readonly metrics: TaskMetrics };

/**
 * Starts the housekeeping of a worker, in its own time: mail never depends on it, so nobody waits for
 * it, and where the database is away it is tried again.
 */
export function startSchedule(services: ServiceDeps, context: Context): { stop(): Promise<void> } {
  const { pool } = services.database;
  const stopping = new AbortController();
  for (const { name } of tasksOf(services)) context.metrics.known(name);
  const starting = startWhenPossible(services, context, stopping.signal);
  const analyzing = setInterval(() => {
    analyzeGrownTables(pool).catch((error: unknown) => {
      context.log.warn({ err: error }, 'housekeeping');
    });
  }, ANALYZE_MS);
  return {
    async stop() {
      clearInterval(analyzing);
      stopping.abort();
      const boss = await starting;
      await boss?.stop({ graceful: true, timeout: 5_000 });
    },
  };
}

async function startWhenPossible(
  services: ServiceDeps,
  context: Context,
  signal: AbortSignal,
): Promise<PgBoss | null> {
  while (!signal.aborted) {
    const boss = createBoss(services, context.log);
    try {
      await boss.start();
      for (const task of tasksOf(services)) await addTask(boss, task, context);
      return boss;
    } catch (error) {
      context.log.warn({ err: error }, 'housekeeping can not be started now');
      await boss.stop({ graceful: false }).catch(() => undefined);
      await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
  return null;
}

function createBoss({ database: { pool } }: ServiceDeps, log: Logger): PgBoss {
  const boss = new PgBoss({
    // Our own pool, so that housekeeping never takes connections of its own.
    db: { executeSql: (text: string, values: unknown[]) => pool.query(text, values) },
    schema: 'pgboss',
  });
  boss.on('error', (error) => log.warn({ err: error }, 'housekeeping'));
  return boss;
}

async function addTask(boss: PgBoss, task: Task, context: Context): Promise<void> {
  await boss.createQueue(task.name, { policy: 'singleton', retryLimit: 0 });
  await boss.work(task.name, { pollingIntervalSeconds: 15 }, () => runTask(task, context));
  await boss.schedule(task.name, task.cron, null, { tz: 'UTC' });
}

async function runTask(
  task: Task,
  { log, metrics }: { log: Logger; metrics: TaskMetrics },
): Promise<void> {
  const { name } = task;
  try {
    await task.run();
    metrics.ran(name, 'succeeded');
  } catch (error) {
    log.error({ err: error, task: name }, 'a scheduled task failed');
    metrics.ran(name, 'failed');
    throw error;
  }
}
