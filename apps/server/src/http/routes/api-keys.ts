import {
  ApiKey,
  CreateApiKeyRequest,
  CreatedApiKey,
  IdParams,
  PagingQuery,
} from '@courierx/contract';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { createApiKey } from '../../services/api-keys/create.ts';
import { deleteApiKey } from '../../services/api-keys/delete.ts';
import { listApiKeys } from '../../services/api-keys/list.ts';
import { revokeApiKey } from '../../services/api-keys/revoke.ts';
import { checkedBody } from '../checked-body.ts';
import type { HttpDeps } from '../deps.ts';
import { sendPage } from '../send-page.ts';

export function addApiKeyRoutes(app: FastifyInstance, deps: HttpDeps): void {
  const { services, authenticator } = deps;
  app.post(
    '/api_keys',
    {
      attachValidation: true,
      schema: { body: CreateApiKeyRequest, response: { 201: CreatedApiKey } },
    },
    async (request, reply) =>
      reply.status(201).send(await createApiKey(services, request.principal, checkedBody(request))),
  );
  app.get<{ Querystring: PagingQuery }>(
    '/api_keys',
    { schema: { querystring: PagingQuery, response: { 200: Type.Array(ApiKey) } } },
    async (request, reply) =>
      sendPage(request, reply, await listApiKeys(services, request.principal, request.query)),
  );
  app.patch<{ Params: IdParams }>(
    '/api_keys/:id/revoke',
    { schema: { params: IdParams, response: { 200: ApiKey } } },
    async (request) => {
      const key = await revokeApiKey(services, request.principal, request.params.id);
      authenticator.forget();
      return key;
    },
  );
  app.delete<{ Params: IdParams }>(
    '/api_keys/:id',
    { schema: { params: IdParams } },
    async (request, reply) => {
      await deleteApiKey(services, request.principal, request.params.id);
      authenticator.forget();
      return reply.status(204).send();
    },
  );
}
