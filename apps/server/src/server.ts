import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { buildApp } from './app.ts';
import type { Config } from './config.ts';
import { buildMetricsApp } from './http/metrics-app.ts';
import { trackSilentConnections } from './http/silent-connections.ts';
import { migrate } from './db/migrate.ts';
import { createDeps, type Deps } from './deps.ts';
import type { Tracing } from './lib/tracer.ts';
import { releaseAllLeases } from './queue/release-leases.ts';
import { startSchedule } from './schedule.ts';
import { rewrapDataKeys } from './services/accounts/rewrap-data-keys.ts';
import { releaseAllDeliveries } from './webhooks/delete-old.ts';
import { openStore, type Store } from './store.ts';
import { startTracing } from './tracing.ts';

/** A CourierX process that is up. */
export type RunningServer = {
  /** Null for a worker, which listens nowhere. */
  readonly url: string | null;
  /** Of the probes and metrics, where they have a port of their own. */
  readonly metricsUrl: string | null;
  readonly store: Store;
  /** Takes no more requests, ends what is under way, then lets go of the database. */
  stop(): Promise<void>;
};

/** Ends of requests and attempts under way are waited for so long at a stop. */
const GRACE_MS = 20_000;

/** Brings the schema up to date and starts the roles that the settings name. */
export async function startServer(config: Config, log: Logger): Promise<RunningServer> {
  const store = await openStore(config, log);
  try {
    await migrate(store.database.connection);
    await rewrapDataKeys(store.database, store.keyring);
    // The embedded database serves this process alone: whatever lease is left is a dead worker's.
    if (store.embedded) {
      await releaseAllLeases(store.database.pool);
      await releaseAllDeliveries(store.database);
    }
    const tracing = await startTracing(config.tracing, log);
    return await startRoles(config, { log, store, tracing });
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function startRoles(
  config: Config,
  { log, store, tracing }: { log: Logger; store: Store; tracing: Tracing },
): Promise<RunningServer> {
  const deps = createDeps(config, store, { log, tracer: tracing.tracer });
  const app = config.role === 'worker' ? null : await buildApp(deps.http);
  const metricsApp = config.metricsPort === null ? null : buildMetricsApp(deps.http);
  const isWorker = config.role !== 'api';
  const closeSilent = app ? trackSilentConnections(app) : () => undefined;
  const url = app ? await app.listen({ port: config.port, host: config.host }) : null;
  const metricsUrl = metricsApp
    ? await metricsApp.listen({ port: config.metricsPort ?? 0, host: config.host })
    : null;
  if (isWorker) {
    deps.dispatcher.start();
    deps.eventProcessor.start();
    deps.deliverer.start();
  }
  const schedule = isWorker
    ? startSchedule(deps.services, { log, metrics: deps.taskMetrics })
    : null;
  log.info({ role: config.role, url, metricsUrl }, 'started');
  let stopped: Promise<void> | null = null;
  return { url, metricsUrl, store, stop: () => (stopped ??= stop()) };

  async function stop(): Promise<void> {
    log.info('stopping');
    await Promise.all([
      closeApp(app, { deps, closeSilent }),
      isWorker ? deps.dispatcher.stop(GRACE_MS) : undefined,
      deps.eventProcessor.stop(),
      isWorker ? deps.deliverer.stop(GRACE_MS) : undefined,
      schedule?.stop(),
    ]);
    await metricsApp?.close();
    await deps.close();
    await store.close();
    await tracing.close();
    log.info('stopped');
  }
}

/** Requests that do not end within the grace are cut off; what they asked for was not accepted. */
async function closeApp(
  app: FastifyInstance | null,
  { deps, closeSilent }: { deps: Deps; closeSilent: () => void },
): Promise<void> {
  if (app) {
    const cutOff = setTimeout(() => app.server.closeAllConnections(), GRACE_MS);
    const closed = app.close();
    closeSilent();
    await closed;
    clearTimeout(cutOff);
  }
  await deps.http.services.acceptor.idle();
}
