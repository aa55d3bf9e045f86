import {
  ConnectionUsage,
  CreateProviderConnectionRequest,
  IdParams,
  PagingQuery,
  ProviderConnection,
  ReorderRequest,
  UpdateProviderConnectionRequest,
  VerificationAnswer,
  WebhookSetupAnswer,
} from '@courierx/contract';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { createConnection } from '../../services/connections/create.ts';
import { deleteConnection } from '../../services/connections/delete.ts';
import { getConnection } from '../../services/connections/get.ts';
import { listConnectionUsage } from '../../services/connections/list-usage.ts';
import { listConnections } from '../../services/connections/list.ts';
import { reorderConnections } from '../../services/connections/reorder.ts';
import { setUpWebhook } from '../../services/connections/setup-webhook.ts';
import { updateConnection } from '../../services/connections/update.ts';
import { verifyConnection } from '../../services/connections/verify.ts';
import { baseUrlOf } from '../base-url.ts';
import { checkedBody } from '../checked-body.ts';
import type { HttpDeps } from '../deps.ts';
import { sendPage } from '../send-page.ts';

const PATH = '/provider_connections';

export function addProviderConnectionRoutes(app: FastifyInstance, deps: HttpDeps): void {
  const { services } = deps;
  app.post(
    PATH,
    {
      attachValidation: true,
      schema: { body: CreateProviderConnectionRequest, response: { 201: ProviderConnection } },
    },
    async (request, reply) => {
      const input = {
        body: checkedBody<CreateProviderConnectionRequest>(request),
        baseUrl: baseUrlOf(deps, request),
      };
      return reply.status(201).send(await createConnection(services, request.principal, input));
    },
  );
  app.get<{ Querystring: PagingQuery }>(
    PATH,
    { schema: { querystring: PagingQuery, response: { 200: Type.Array(ProviderConnection) } } },
    async (request, reply) => {
      const { principal, query } = request;
      const baseUrl = baseUrlOf(deps, request);
      return sendPage(
        request,
        reply,
        await listConnections(services, principal, { query, baseUrl }),
      );
    },
  );
  app.get(
    `${PATH}/usage`,
    { schema: { response: { 200: Type.Array(ConnectionUsage) } } },
    (request) => listConnectionUsage(services, request.principal),
  );
  app.get<{ Params: IdParams }>(
    `${PATH}/:id`,
    { schema: { params: IdParams, response: { 200: ProviderConnection } } },
    (request) => {
      const { id } = request.params;
      return getConnection(services, request.principal, { id, baseUrl: baseUrlOf(deps, request) });
    },
  );
  app.post(
    `${PATH}/reorder`,
    { attachValidation: true, schema: { body: ReorderRequest } },
    async (request, reply) => {
      await reorderConnections(services, request.principal, checkedBody<ReorderRequest>(request));
      return reply.status(204).send();
    },
  );
  addChangeRoutes(app, deps);
}

/** What changes one connection, or asks its provider. */
function addChangeRoutes(app: FastifyInstance, deps: HttpDeps): void {
  const { services } = deps;
  app.patch<{ Params: IdParams }>(
    `${PATH}/:id`,
    {
      attachValidation: true,
      schema: {
        params: IdParams,
        body: UpdateProviderConnectionRequest,
        response: { 200: ProviderConnection },
      },
    },
    (request) => {
      const body = checkedBody<UpdateProviderConnectionRequest>(request);
      const baseUrl = baseUrlOf(deps, request);
      const { id } = request.params;
      return updateConnection(services, request.principal, { id, body, baseUrl });
    },
  );
  app.post<{ Params: IdParams }>(
    `${PATH}/:id/verify`,
    { schema: { params: IdParams, response: { 200: VerificationAnswer } } },
    (request) => verifyConnection(services, request.principal, request.params.id),
  );
  app.post<{ Params: IdParams }>(
    `${PATH}/:id/setup_webhook`,
    { schema: { params: IdParams, response: { 200: WebhookSetupAnswer } } },
    (request) => {
      const { id } = request.params;
      return setUpWebhook(services, request.principal, { id, baseUrl: baseUrlOf(deps, request) });
    },
  );
  app.delete<{ Params: IdParams }>(
    `${PATH}/:id`,
    { schema: { params: IdParams } },
    async (request, reply) => {
      await deleteConnection(services, request.principal, request.params.id);
      return reply.status(204).send();
    },
  );
}
