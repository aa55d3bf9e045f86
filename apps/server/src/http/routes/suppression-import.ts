import { ImportSuppressionsQuery, SuppressionImport } from '@courierx/contract';
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { ServiceError } from '../../services/service-error.ts';
import { importSuppressions } from '../../services/suppressions/import.ts';
import { readImport, type ImportFormat } from '../../services/suppressions/read-import.ts';
import type { HttpDeps } from '../deps.ts';

const FORMATS: ReadonlyMap<string, ImportFormat> = new Map([
  ['text/csv', 'csv'],
  ['application/json', 'json'],
  ['application/x-ndjson', 'ndjson'],
]);
const NDJSON = 'application/x-ndjson';
/** Nothing of it is held in memory but for the batch under way. */
const BODY_LIMIT_BYTES = 1024 ** 3;

const ANSWER = {
  content: {
    'application/json': { schema: SuppressionImport },
    [NDJSON]: { schema: Type.String({ description: 'How it stands, a line a batch.' }) },
  },
};

/** In a scope of its own: here alone a body is read as it comes. */
export function addSuppressionImportRoute(scope: FastifyInstance, deps: HttpDeps): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
  scope.post<{ Querystring: ImportSuppressionsQuery }>(
    '/suppressions/import',
    {
      bodyLimit: BODY_LIMIT_BYTES,
      schema: { querystring: ImportSuppressionsQuery, response: { 200: ANSWER } },
    },
    async (request, reply) => {
      const lines = untilCutOff(request, readImport(request.raw, formatOf(request)));
      const { reason = 'manual' } = request.query;
      const states = importSuppressions(deps.services, request.principal, { lines, reason });
      // What is wrong with the list as a whole is said before the first line of the answer.
      const first = await states.next();
      if (request.headers.accept?.includes(NDJSON) === true) {
        void reply.type(`${NDJSON}; charset=utf-8`);
        return reply.send(Readable.from(toLines(first, states)));
      }
      return lastOf(first, states);
    },
  );
}

/** A caller who hangs up is no fault of ours, nor of the database's. */
async function* untilCutOff<T>({ raw }: FastifyRequest, lines: AsyncIterable<T>) {
  try {
    yield* lines;
  } catch (error) {
    if (error !== raw.errored) throw error;
    throw new ServiceError('bad_request', 'The upload broke off', { cause: error });
  }
}

type Step = IteratorResult<SuppressionImport, unknown>;

async function* toLines(first: Step, states: AsyncGenerator<SuppressionImport>) {
  for (let step = first; step.done !== true; step = await states.next()) {
    yield `${JSON.stringify(step.value)}\n`;
  }
}

async function lastOf(first: Step, states: AsyncGenerator<SuppressionImport>) {
  let step = first;
  while (step.done !== true && !step.value.done) step = await states.next();
  return step.value;
}

function formatOf({ headers }: FastifyRequest): ImportFormat {
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
  const format = FORMATS.get(type);
  if (format && (headers['content-encoding'] ?? 'identity') === 'identity') return format;
  const message = format
    ? 'Send the list without Content-Encoding'
    : 'Send the list as text/csv, application/json or application/x-ndjson';
  throw new ServiceError('unsupported_media_type', message);
}
