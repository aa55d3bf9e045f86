import fastify, { LogController, type FastifyInstance } from 'fastify';
import { isUnavailable } from '../services/is-unavailable.ts';
import type { HttpDeps } from './deps.ts';
import { setUpErrors } from './plugins/errors.ts';
import { addHealthRoutes } from './routes/health.ts';

/** Probes and metrics alone: on a port of their own, also of a worker that has no other. */
export function buildMetricsApp(deps: HttpDeps): FastifyInstance {
  const app = fastify({
    loggerInstance: deps.log,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
  });
  setUpErrors(app, { isUnavailable });
  addHealthRoutes(app, { ...deps, hasMetrics: true });
  return app;
}
