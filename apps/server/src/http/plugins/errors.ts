import { ERROR_STATUS, type ErrorCode } from '@courierx/contract';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ServiceError } from '../../services/service-error.ts';

const RETRY_AFTER_SECONDS = 2;

/** What Fastify itself refuses, by its code; all else of it is told by status. */
const CODE_BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'malformed_json',
  404: 'not_found',
  413: 'payload_too_large',
  414: 'invalid_request',
  415: 'unsupported_media_type',
};

const MESSAGES: Partial<Record<ErrorCode, string>> = {
  malformed_json: 'The body is not valid JSON',
  payload_too_large: 'The body is too large',
  unsupported_media_type: 'Send JSON with Content-Type: application/json',
};

export type ErrorOptions = { isUnavailable: (error: unknown) => boolean };

/** One handler, one table from code to status, one shape on the wire. */
export function setUpErrors(app: FastifyInstance, options: ErrorOptions): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const known = toServiceError(error, options);
    if (known.code === 'internal') request.log.error({ err: error }, 'request failed');
    if (known.code === 'unavailable') request.log.warn({ err: error }, 'database unavailable');
    return sendError(request, reply, known);
  });
  app.setNotFoundHandler((request, reply) =>
    sendError(request, reply, new ServiceError('not_found', 'Not found')),
  );
}

function toServiceError(error: FastifyError, options: ErrorOptions): ServiceError {
  if (error instanceof ServiceError) return error;
  if (options.isUnavailable(error)) {
    return new ServiceError('unavailable', 'The service is not available right now; try again', {
      retryAfterSeconds: RETRY_AFTER_SECONDS,
      cause: error,
    });
  }
  const status = error.statusCode ?? 500;
  const code = error.code.startsWith('FST_') || status === 400 ? CODE_BY_STATUS[status] : undefined;
  if (code !== undefined) {
    return new ServiceError(code, MESSAGES[code] ?? 'The request is not valid');
  }
  return new ServiceError('internal', 'Something went wrong on our side; it has been logged');
}

function sendError(request: FastifyRequest, reply: FastifyReply, error: ServiceError) {
  const { code, errors, retryAfterSeconds } = error;
  if (retryAfterSeconds !== null) void reply.header('retry-after', String(retryAfterSeconds));
  const common = { code, request_id: request.id };
  void reply.status(ERROR_STATUS[code]).type('application/json; charset=utf-8');
  return reply.send(
    code === 'invalid_request' ? { errors, ...common } : { error: errors.join('; '), ...common },
  );
}
