import { Metrics, MetricsQuery, UsageQuery, UsageStat } from '@courierx/contract';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { getMetrics } from '../../services/analytics/get-metrics.ts';
import { listUsage } from '../../services/analytics/list-usage.ts';
import type { HttpDeps } from '../deps.ts';

export function addAnalyticsRoutes(app: FastifyInstance, { services }: HttpDeps): void {
  app.get<{ Querystring: MetricsQuery }>(
    '/dashboard/metrics',
    { schema: { querystring: MetricsQuery, response: { 200: Metrics } } },
    (request) => getMetrics(services, request.principal, request.query),
  );
  app.get<{ Querystring: UsageQuery }>(
    '/usage_stats',
    { schema: { querystring: UsageQuery, response: { 200: Type.Array(UsageStat) } } },
    (request) => listUsage(services, request.principal, request.query),
  );
}
