import { CreateDomainRequest, Domain, IdParams, PagingQuery } from '@courierx/contract';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { addDomain } from '../../services/domains/add.ts';
import { deleteDomain } from '../../services/domains/delete.ts';
import { getDomain } from '../../services/domains/get.ts';
import { listDomains } from '../../services/domains/list.ts';
import { verifyDomain } from '../../services/domains/verify.ts';
import { checkedBody } from '../checked-body.ts';
import type { HttpDeps } from '../deps.ts';
import { sendPage } from '../send-page.ts';

export function addDomainRoutes(app: FastifyInstance, deps: HttpDeps): void {
  const { services } = deps;
  app.post(
    '/domains',
    { attachValidation: true, schema: { body: CreateDomainRequest, response: { 201: Domain } } },
    async (request, reply) =>
      reply.status(201).send(await addDomain(services, request.principal, checkedBody(request))),
  );
  app.get<{ Querystring: PagingQuery }>(
    '/domains',
    { schema: { querystring: PagingQuery, response: { 200: Type.Array(Domain) } } },
    async (request, reply) =>
      sendPage(request, reply, await listDomains(services, request.principal, request.query)),
  );
  app.get<{ Params: IdParams }>(
    '/domains/:id',
    { schema: { params: IdParams, response: { 200: Domain } } },
    (request) => getDomain(services, request.principal, request.params.id),
  );
  app.post<{ Params: IdParams }>(
    '/domains/:id/verify',
    { schema: { params: IdParams, response: { 200: Domain } } },
    (request) => verifyDomain(services, request.principal, request.params.id),
  );
  app.delete<{ Params: IdParams }>(
    '/domains/:id',
    { schema: { params: IdParams } },
    async (request, reply) => {
      await deleteDomain(services, request.principal, request.params.id);
      return reply.status(204).send();
    },
  );
}
