import { AuditEntry, ListAuditLogQuery } from '@courierx/contract';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { listAuditLog } from '../../services/audit/list.ts';
import type { HttpDeps } from '../deps.ts';
import { sendPage } from '../send-page.ts';

export function addAuditLogRoutes(app: FastifyInstance, { services }: HttpDeps): void {
  app.get<{ Querystring: ListAuditLogQuery }>(
    '/audit_log',
    { schema: { querystring: ListAuditLogQuery, response: { 200: Type.Array(AuditEntry) } } },
    async (request, reply) =>
      sendPage(request, reply, await listAuditLog(services, request.principal, request.query)),
  );
}
