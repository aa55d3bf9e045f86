import {
  CreateSuppressionRequest,
  DeleteSuppressionsQuery,
  ExportSuppressionsQuery,
  IdParams,
  ListSuppressionsQuery,
  Suppression,
  SuppressionCounts,
} from '@courierx/contract';
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { addSuppression } from '../../services/suppressions/add.ts';
import { countSuppressions } from '../../services/suppressions/count.ts';
import { deleteSuppression, deleteSuppressionsOf } from '../../services/suppressions/delete.ts';
import { exportSuppressions } from '../../services/suppressions/export.ts';
import { listSuppressions } from '../../services/suppressions/list.ts';
import { checkedBody } from '../checked-body.ts';
import type { HttpDeps } from '../deps.ts';
import { sendPage } from '../send-page.ts';
import { addSuppressionImportRoute } from './suppression-import.ts';

const PATH = '/suppressions';

export function addSuppressionRoutes(app: FastifyInstance, deps: HttpDeps): void {
  const { services } = deps;
  app.post(
    PATH,
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
    PATH,
    { schema: { querystring: ListSuppressionsQuery, response: { 200: Type.Array(Suppression) } } },
    async (request, reply) =>
      sendPage(request, reply, await listSuppressions(services, request.principal, request.query)),
  );
  addBulkRoutes(app, deps);
  app.delete<{ Querystring: DeleteSuppressionsQuery }>(
    PATH,
    { schema: { querystring: DeleteSuppressionsQuery } },
    async (request, reply) => {
      await deleteSuppressionsOf(services, request.principal, request.query);
      return reply.status(204).send();
    },
  );
  app.delete<{ Params: IdParams }>(
    `${PATH}/:id`,
    { schema: { params: IdParams } },
    async (request, reply) => {
      await deleteSuppression(services, request.principal, request.params.id);
      return reply.status(204).send();
    },
  );
}

const TYPES = {
  csv: 'text/csv; charset=utf-8',
  json: 'application/json; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
} as const;

const EXPORT = {
  content: {
    'text/csv': { schema: Type.String() },
    'application/json': { schema: Type.Array(Suppression) },
    'application/x-ndjson': { schema: Type.String({ description: 'A suppression a line.' }) },
  },
};

/** The list as a whole. */
function addBulkRoutes(app: FastifyInstance, deps: HttpDeps): void {
  const { services } = deps;
  app.get(`${PATH}/counts`, { schema: { response: { 200: SuppressionCounts } } }, (request) =>
    countSuppressions(services, request.principal),
  );
  app.get<{ Querystring: ExportSuppressionsQuery }>(
    `${PATH}/export`,
    { schema: { querystring: ExportSuppressionsQuery, response: { 200: EXPORT } } },
    async (request, reply) => {
      const { format = 'csv' } = request.query;
      const pieces = exportSuppressions(services, request.principal, request.query);
      void reply.headers({
        'content-type': TYPES[format],
        'content-disposition': `attachment; filename="suppressions.${format}"`,
      });
      return reply.send(Readable.from(pieces));
    },
  );
  void app.register((scope, _options, done) => {
    addSuppressionImportRoute(scope, deps);
    done();
  });
}
