import {
  CreateRoutingRuleRequest,
  IdParams,
  PagingQuery,
  ReorderRequest,
  RouteExplanation,
  RoutingRule,
  SendEmailRequest,
  UpdateRoutingRuleRequest,
} from '@courierx/contract';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { createRoutingRule } from '../../services/routing-rules/create.ts';
import { deleteRoutingRule } from '../../services/routing-rules/delete.ts';
import { explainRouting } from '../../services/routing-rules/explain.ts';
import { getRoutingRule } from '../../services/routing-rules/get.ts';
import { listRoutingRules } from '../../services/routing-rules/list.ts';
import { reorderRoutingRules } from '../../services/routing-rules/reorder.ts';
import { updateRoutingRule } from '../../services/routing-rules/update.ts';
import { checkedBody } from '../checked-body.ts';
import type { HttpDeps } from '../deps.ts';
import { sendPage } from '../send-page.ts';
import { EMAIL_BODY_LIMIT_BYTES } from './emails.ts';

const PATH = '/routing_rules';

export function addRoutingRuleRoutes(app: FastifyInstance, deps: HttpDeps): void {
  const { services } = deps;
  app.post(
    PATH,
    {
      attachValidation: true,
      schema: { body: CreateRoutingRuleRequest, response: { 201: RoutingRule } },
    },
    async (request, reply) => {
      const body = checkedBody<CreateRoutingRuleRequest>(request);
      return reply.status(201).send(await createRoutingRule(services, request.principal, body));
    },
  );
  app.get<{ Querystring: PagingQuery }>(
    PATH,
    { schema: { querystring: PagingQuery, response: { 200: Type.Array(RoutingRule) } } },
    async (request, reply) =>
      sendPage(request, reply, await listRoutingRules(services, request.principal, request.query)),
  );
  app.post<{ Body: SendEmailRequest }>(
    `${PATH}/explain`,
    {
      bodyLimit: EMAIL_BODY_LIMIT_BYTES,
      attachValidation: true,
      schema: { body: SendEmailRequest, response: { 200: RouteExplanation } },
    },
    (request) => {
      const { faults: schemaFaults } = checkedBody(request);
      return explainRouting(services, request.principal, { body: request.body, schemaFaults });
    },
  );
  app.post(
    `${PATH}/reorder`,
    { attachValidation: true, schema: { body: ReorderRequest } },
    async (request, reply) => {
      await reorderRoutingRules(services, request.principal, checkedBody<ReorderRequest>(request));
      return reply.status(204).send();
    },
  );
  addSingleRuleRoutes(app, deps);
}

function addSingleRuleRoutes(app: FastifyInstance, { services }: HttpDeps): void {
  app.get<{ Params: IdParams }>(
    `${PATH}/:id`,
    { schema: { params: IdParams, response: { 200: RoutingRule } } },
    (request) => getRoutingRule(services, request.principal, request.params.id),
  );
  app.patch<{ Params: IdParams }>(
    `${PATH}/:id`,
    {
      attachValidation: true,
      schema: { params: IdParams, body: UpdateRoutingRuleRequest, response: { 200: RoutingRule } },
    },
    (request) => {
      const body = checkedBody<UpdateRoutingRuleRequest>(request);
      return updateRoutingRule(services, request.principal, { id: request.params.id, body });
    },
  );
  app.delete<{ Params: IdParams }>(
    `${PATH}/:id`,
    { schema: { params: IdParams } },
    async (request, reply) => {
      await deleteRoutingRule(services, request.principal, request.params.id);
      return reply.status(204).send();
    },
  );
}
