import {
  Email,
  EmailDetail,
  IdParams,
  ListEmailsQuery,
  ReleaseEmailRequest,
  SendEmailRequest,
} from '@courierx/contract';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { getEmail } from '../../services/emails/get.ts';
import { getRawEmail } from '../../services/emails/get-raw.ts';
import { listEmails } from '../../services/emails/list.ts';
import { releaseEmail } from '../../services/emails/release.ts';
import { sendEmail } from '../../services/emails/send.ts';
import { ServiceError } from '../../services/service-error.ts';
import type { HttpDeps } from '../deps.ts';
import { sendPage } from '../send-page.ts';

/** 40 MB of encoded mail, with room for JSON around it. */
export const EMAIL_BODY_LIMIT_BYTES = 60 * 1024 * 1024;

export function addEmailRoutes(app: FastifyInstance, deps: HttpDeps): void {
  const { services } = deps;
  app.post<{ Body: SendEmailRequest }>(
    '/emails',
    {
      bodyLimit: EMAIL_BODY_LIMIT_BYTES,
      // The schema's faults are answered together with what no schema can say.
      attachValidation: true,
      schema: { body: SendEmailRequest, response: { 202: Email } },
    },
    async (request, reply) => {
      const { email, replayed } = await sendEmail(services, request.principal, {
        body: request.body,
        schemaFaults: schemaFaultsOf(request),
        idempotencyKey: headerOf(request, 'idempotency-key'),
        traceparent: request.span?.traceparent ?? null,
      });
      request.emailId = email.id;
      if (replayed) void reply.header('idempotency-replayed', 'true');
      return reply.status(202).send(email);
    },
  );
  app.get<{ Querystring: ListEmailsQuery }>(
    '/emails',
    { schema: { querystring: ListEmailsQuery, response: { 200: Type.Array(Email) } } },
    async (request, reply) =>
      sendPage(request, reply, await listEmails(services, request.principal, request.query)),
  );
  app.get<{ Params: IdParams }>(
    '/emails/:id',
    { schema: { params: IdParams, response: { 200: EmailDetail } } },
    (request) => getEmail(services, request.principal, request.params.id),
  );
  app.get<{ Params: IdParams }>(
    '/emails/:id/raw',
    {
      schema: {
        params: IdParams,
        response: { 200: { content: { 'message/rfc822': { schema: Type.String() } } } },
      },
    },
    async ({ principal, params: { id } }, reply) => {
      const raw = await getRawEmail(services, principal, id);
      return reply
        .type('message/rfc822')
        .header('content-disposition', `attachment; filename="${id}.eml"`)
        .send(raw);
    },
  );
  app.post<{ Params: IdParams; Body: ReleaseEmailRequest }>(
    '/emails/:id/release',
    { schema: { params: IdParams, body: ReleaseEmailRequest, response: { 200: EmailDetail } } },
    ({ principal, params: { id }, body: { action } }) =>
      releaseEmail(services, principal, { id, action }),
  );
}

function schemaFaultsOf(request: FastifyRequest): readonly string[] {
  const error: unknown = request.validationError;
  return error instanceof ServiceError ? error.errors : [];
}

function headerOf(request: FastifyRequest, name: string): string | null {
  const value = request.headers[name];
  return typeof value === 'string' ? value : null;
}
