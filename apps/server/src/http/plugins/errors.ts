import { ERROR_STATUS, type ErrorCode } from '@courierx/contract';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ServiceError } from '../../services/service-error.ts';

const RETRY_AFTER_SECONDS = 2;

/** What Fastify itself refuses, by status. */
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
  app.setErrorHandler((error: unknown, request, reply) => {
    const known = toServiceError(error, options);
    if (known.code === 'internal') request.log.error({ err: error }, 'request failed');
    if (known.code === 'unavailable') request.log.warn({ err: error }, 'database unavailable');
    return sendError(request, reply, known);
  });
  app.setNotFoundHandler((request, reply) =>
    sendError(request, reply, new ServiceError('not_found', 'Not found')),
  );
}

/** What the router refuses before any hook runs: an address that can't be decoded leads nowhere. */
export function answerUnroutable(
  _error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  void reply.header('x-request-id', request.id);
  sendError(request, reply, new ServiceError('not_found', 'Not found'));
}

function toServiceError(error: unknown, options: ErrorOptions): ServiceError {
  if (error instanceof ServiceError) return error;
  // Before all else: a body that breaks off has a network's code as a lost database has.
  const refused = codeOfRefusal(error);
  if (refused !== undefined) {
    return new ServiceError(refused, MESSAGES[refused] ?? 'The request is not valid');
  }
  if (options.isUnavailable(error)) {
    return new ServiceError('unavailable', 'The service is not available right now; try again', {
      retryAfterSeconds: RETRY_AFTER_SECONDS,
      cause: error,
    });
  }
  return new ServiceError('internal', 'Something went wrong on our side; it has been logged');
}

/** Code may throw anything: neither an Error nor a code is taken for granted. */
function codeOfRefusal(error: unknown): ErrorCode | undefined {
  if (!(error instanceof Error) || !('statusCode' in error)) return undefined;
  const code = 'code' in error ? String(error.code) : '';
  const isFastifys = code.startsWith('FST_') || error.statusCode === 400;
  return isFastifys ? CODE_BY_STATUS[Number(error.statusCode)] : undefined;
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
