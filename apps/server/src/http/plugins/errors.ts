import { ERROR_STATUS, type ErrorCode } from '@courierx/contract';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { notFound, ServiceError } from '../../services/service-error.ts';

const RETRY_AFTER_SECONDS = 2;
const BAD_REQUEST: Refusal = ['bad_request', 'The request could not be read'];

type Refusal = readonly [ErrorCode, string];

/** What Fastify itself refuses, by its code. */
const REFUSALS: Readonly<Record<string, Refusal>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: ['malformed_json', 'The body is not valid JSON'],
  FST_ERR_CTP_BODY_TOO_LARGE: ['payload_too_large', 'The body is too large'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    'unsupported_media_type',
    'Send JSON with Content-Type: application/json',
  ],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [
    'bad_request',
    'The body is not as long as its Content-Length says',
  ],
  FST_ERR_BAD_URL: ['bad_request', 'The path is not a valid URL'],
  FST_STATIC_FORBIDDEN_PATH: ['not_found', 'Not found'],
  // No id of ours is that long.
  FST_ERR_MAX_PARAM_LENGTH: ['not_found', 'Not found'],
};

export type ErrorOptions = {
  isUnavailable: (error: unknown) => boolean;
  /** May answer what no route does; null: it is not found. */
  sendPage?: (request: FastifyRequest, reply: FastifyReply) => FastifyReply | null;
};

/** One handler, one table from code to status, one shape on the wire. */
export function setUpErrors(app: FastifyInstance, options: ErrorOptions): void {
  app.setErrorHandler((error, request, reply) => {
    const known = toServiceError(error, options);
    if (known.code === 'internal') request.log.error({ err: error }, 'request failed');
    if (known.code === 'unavailable') request.log.warn({ err: error }, 'database unavailable');
    return sendError(request, reply, known);
  });
  app.setNotFoundHandler(
    (request, reply) => options.sendPage?.(request, reply) ?? sendError(request, reply, notFound()),
  );
}

/** For what is refused before there is a route: no hook has run. */
export function sendFrameworkError(
  error: Error,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  void reply.header('x-request-id', request.id);
  void sendError(request, reply, toServiceError(error, { isUnavailable: () => false }));
}

function toServiceError(error: unknown, options: ErrorOptions): ServiceError {
  if (error instanceof ServiceError) return error;
  const { code, statusCode } = detailsOf(error);
  const refusal = REFUSALS[code] ?? (isRefusal(statusCode) ? BAD_REQUEST : undefined);
  if (refusal) return new ServiceError(...refusal, { cause: error });
  if (options.isUnavailable(error)) {
    return new ServiceError('unavailable', 'The service is not available right now; try again', {
      retryAfterSeconds: RETRY_AFTER_SECONDS,
      cause: error,
    });
  }
  return new ServiceError('internal', 'Something went wrong on our side; it has been logged', {
    cause: error,
  });
}

function isRefusal(statusCode: unknown): boolean {
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500;
}

/** Anything can be thrown, also what is no error at all. */
function detailsOf(error: unknown): { code: string; statusCode: unknown } {
  const { code, statusCode } = Object(error) as { code?: unknown; statusCode?: unknown };
  return { code: typeof code === 'string' ? code : '', statusCode };
}

function sendError(request: FastifyRequest, reply: FastifyReply, error: ServiceError) {
  const { code, errors, retryAfterSeconds } = error;
  if (retryAfterSeconds !== null) void reply.header('retry-after', String(retryAfterSeconds));
  if (code === 'unauthorized') void reply.header('www-authenticate', 'Bearer');
  const common = { code, request_id: request.id };
  void reply.status(ERROR_STATUS[code]).type('application/json; charset=utf-8');
  return reply.send(
    code === 'invalid_request' ? { errors, ...common } : { error: errors.join('; '), ...common },
  );
}
