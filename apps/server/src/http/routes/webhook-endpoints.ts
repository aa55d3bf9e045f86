import {
  CreateWebhookEndpointRequest,
  IdParams,
  ListWebhookDeliveriesQuery,
  PagingQuery,
  ReplayAnswer,
  ReplayWebhooksRequest,
  TestWebhookRequest,
  UpdateWebhookEndpointRequest,
  WebhookDelivery,
  WebhookDeliveryDetail,
  WebhookDeliveryParams,
  WebhookEndpoint,
  WebhookEndpointWithSecret,
} from '@courierx/contract';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { createWebhookEndpoint } from '../../services/webhook-endpoints/create.ts';
import { deleteWebhookEndpoint } from '../../services/webhook-endpoints/delete.ts';
import { getWebhookDelivery } from '../../services/webhook-endpoints/get-delivery.ts';
import { getWebhookEndpoint } from '../../services/webhook-endpoints/get.ts';
import { listWebhookDeliveries } from '../../services/webhook-endpoints/list-deliveries.ts';
import { listWebhookEndpoints } from '../../services/webhook-endpoints/list.ts';
import { replayWebhookDelivery, replayWebhooks } from '../../services/webhook-endpoints/replay.ts';
import { rotateWebhookSecret } from '../../services/webhook-endpoints/rotate-secret.ts';
import { testWebhookEndpoint } from '../../services/webhook-endpoints/send-test.ts';
import { updateWebhookEndpoint } from '../../services/webhook-endpoints/update.ts';
import { checkedBody } from '../checked-body.ts';
import type { HttpDeps } from '../deps.ts';
import { sendPage } from '../send-page.ts';

const PATH = '/webhook_endpoints';

export function addWebhookEndpointRoutes(app: FastifyInstance, deps: HttpDeps): void {
  const { services } = deps;
  app.post(
    PATH,
    {
      attachValidation: true,
      schema: { body: CreateWebhookEndpointRequest, response: { 201: WebhookEndpointWithSecret } },
    },
    async (request, reply) => {
      const body = checkedBody<CreateWebhookEndpointRequest>(request);
      return reply.status(201).send(await createWebhookEndpoint(services, request.principal, body));
    },
  );
  app.get<{ Querystring: PagingQuery }>(
    PATH,
    { schema: { querystring: PagingQuery, response: { 200: Type.Array(WebhookEndpoint) } } },
    async (request, reply) =>
      sendPage(
        request,
        reply,
        await listWebhookEndpoints(services, request.principal, request.query),
      ),
  );
  app.get<{ Params: IdParams }>(
    `${PATH}/:id`,
    { schema: { params: IdParams, response: { 200: WebhookEndpoint } } },
    (request) => getWebhookEndpoint(services, request.principal, request.params.id),
  );
  app.patch<{ Params: IdParams }>(
    `${PATH}/:id`,
    {
      attachValidation: true,
      schema: {
        params: IdParams,
        body: UpdateWebhookEndpointRequest,
        response: { 200: WebhookEndpoint },
      },
    },
    (request) => {
      const body = checkedBody<UpdateWebhookEndpointRequest>(request);
      const { id } = request.params;
      return updateWebhookEndpoint(services, request.principal, { id, body });
    },
  );
  app.delete<{ Params: IdParams }>(
    `${PATH}/:id`,
    { schema: { params: IdParams } },
    async (request, reply) => {
      await deleteWebhookEndpoint(services, request.principal, request.params.id);
      return reply.status(204).send();
    },
  );
  app.post<{ Params: IdParams }>(
    `${PATH}/:id/rotate_secret`,
    { schema: { params: IdParams, response: { 200: WebhookEndpointWithSecret } } },
    (request) => rotateWebhookSecret(services, request.principal, request.params.id),
  );
  addDeliveryRoutes(app, deps);
}

/** The log of an endpoint, and what is sent by hand. */
function addDeliveryRoutes(app: FastifyInstance, { services }: HttpDeps): void {
  app.post<{ Params: IdParams; Body: TestWebhookRequest }>(
    `${PATH}/:id/test`,
    {
      schema: {
        params: IdParams,
        body: TestWebhookRequest,
        response: { 202: WebhookDelivery },
      },
    },
    async (request, reply) => {
      const input = { id: request.params.id, body: request.body };
      return reply.status(202).send(await testWebhookEndpoint(services, request.principal, input));
    },
  );
  app.post<{ Params: IdParams }>(
    `${PATH}/:id/replay`,
    {
      attachValidation: true,
      schema: { params: IdParams, body: ReplayWebhooksRequest, response: { 202: ReplayAnswer } },
    },
    async (request, reply) => {
      const body = checkedBody<ReplayWebhooksRequest>(request);
      const input = { id: request.params.id, body };
      return reply.status(202).send(await replayWebhooks(services, request.principal, input));
    },
  );
  app.get<{ Params: IdParams; Querystring: ListWebhookDeliveriesQuery }>(
    `${PATH}/:id/deliveries`,
    {
      schema: {
        params: IdParams,
        querystring: ListWebhookDeliveriesQuery,
        response: { 200: Type.Array(WebhookDelivery) },
      },
    },
    async (request, reply) => {
      const input = { id: request.params.id, query: request.query };
      return sendPage(
        request,
        reply,
        await listWebhookDeliveries(services, request.principal, input),
      );
    },
  );
  app.get<{ Params: WebhookDeliveryParams }>(
    `${PATH}/:id/deliveries/:delivery_id`,
    { schema: { params: WebhookDeliveryParams, response: { 200: WebhookDeliveryDetail } } },
    (request) => getWebhookDelivery(services, request.principal, keyOf(request.params)),
  );
  app.post<{ Params: WebhookDeliveryParams }>(
    `${PATH}/:id/deliveries/:delivery_id/replay`,
    { schema: { params: WebhookDeliveryParams, response: { 202: WebhookDelivery } } },
    async (request, reply) => {
      const key = keyOf(request.params);
      return reply.status(202).send(await replayWebhookDelivery(services, request.principal, key));
    },
  );
}

function keyOf({ id, delivery_id: deliveryId }: WebhookDeliveryParams) {
  return { endpointId: id, deliveryId };
}
