import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { isDatabaseReady } from '../../services/health/is-database-ready.ts';
import { ServiceError } from '../../services/service-error.ts';
import type { HttpDeps } from '../deps.ts';

const OK = { response: { 200: Type.Object({ status: Type.Literal('ok') }) } };
const FIGURES = { response: { 200: { content: { 'text/plain': { schema: Type.String() } } } } };

/** For probes and scrapers: no token, no account data. */
export function addHealthRoutes(app: FastifyInstance, deps: HttpDeps): void {
  app.get('/health/live', { logLevel: 'warn', schema: OK }, () => ({ status: 'ok' }));
  app.get('/health/ready', { logLevel: 'warn', schema: OK }, async () => {
    if (await isDatabaseReady(deps.services.database)) return { status: 'ok' };
    throw new ServiceError('unavailable', 'The database does not answer', {
      retryAfterSeconds: 2,
    });
  });
  if (deps.hasMetrics !== false) addMetricsRoute(app, deps);
}

function addMetricsRoute(app: FastifyInstance, { registry }: HttpDeps): void {
  app.get('/metrics', { logLevel: 'warn', schema: FIGURES }, async (_request, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
}
