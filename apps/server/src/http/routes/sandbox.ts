import {
  IdParams,
  ListSandboxMessagesQuery,
  SandboxMessage,
  SandboxMessageDetail,
} from '@courierx/contract';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { getSandboxMessage } from '../../services/sandbox/get.ts';
import { listSandboxMessages } from '../../services/sandbox/list.ts';
import type { HttpDeps } from '../deps.ts';
import { sendPage } from '../send-page.ts';

/** The inbox of the sandbox. */
export function addSandboxRoutes(app: FastifyInstance, { services }: HttpDeps): void {
  app.get<{ Querystring: ListSandboxMessagesQuery }>(
    '/sandbox/messages',
    {
      schema: {
        querystring: ListSandboxMessagesQuery,
        response: { 200: Type.Array(SandboxMessage) },
      },
    },
    async (request, reply) =>
      sendPage(
        request,
        reply,
        await listSandboxMessages(services, request.principal, request.query),
      ),
  );
  app.get<{ Params: IdParams }>(
    '/sandbox/messages/:id',
    { schema: { params: IdParams, response: { 200: SandboxMessageDetail } } },
    (request) => getSandboxMessage(services, request.principal, request.params.id),
  );
}
