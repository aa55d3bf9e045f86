import {
  CreateSuppressionRequest,
  IdParams,
  ListSuppressionsQuery,
  Suppression,
} from '@courierx/contract';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { addSuppression } from '../../services/suppressions/add.ts';
import { deleteSuppression } from '../../services/suppressions/delete.ts';
import { listSuppressions } from '../../services/suppressions/list.ts';
import { checkedBody } from '../checked-body.ts';
import type { HttpDeps } from '../deps.ts';
import { sendPage } from '../send-page.ts';

export function addSuppressionRoutes(app: FastifyInstance, deps: HttpDeps): void {
  const { services } = deps;
  app.post(
    '/suppressions',
    {
      attachValidation: true,
      schema: { body: CreateSuppressionRequest, response: { 201: Suppression } },
    },
    async (request, reply) => {
      const { principal } = request;
      return reply
        .status(201)
        .send(await addSuppression(services, principal, checkedBody(request)));
    },
  );
  app.get<{ Querystring: ListSuppressionsQuery }>(
    '/suppressions',
    { schema: { querystring: ListSuppressionsQuery, response: { 200: Type.Array(Suppression) } } },
    async (request, reply) =>
      sendPage(request, reply, await listSuppressions(services, request.principal, request.query)),
  );
  app.delete<{ Params: IdParams }>(
    '/suppressions/:id',
    { schema: { params: IdParams } },
    async (request, reply) => {
      await deleteSuppression(services, request.principal, request.params.id);
      return reply.status(204).send();
    },
  );
}
