import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ServiceError } from '../../services/service-error.ts';

/** JSON in UTF-8 and nothing else. An empty body is no body, whatever its type says. */
export function takeJsonOnly(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const bytes = body as Buffer;
    const fault = bytes.length === 0 ? null : refuse(request, bytes);
    if (bytes.length === 0 || fault) {
      done(fault, undefined);
      return;
    }
    return parse(request, bytes.toString('utf8'), done);
  });
  // Calls without a body (verify) need none; where the schema wants one, its absence has a name.
  app.addHook('preValidation', (request, _reply, done) => {
    const isMissing = request.body === undefined && request.routeOptions.schema?.body !== undefined;
    done(
      isMissing ? new ServiceError('malformed_json', 'The body is empty; send JSON') : undefined,
    );
  });
}

function refuse(request: FastifyRequest, body: Buffer): ServiceError | null {
  const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = request.headers;
  if (encoding !== 'identity') {
    return new ServiceError('unsupported_media_type', 'Send the body without Content-Encoding');
  }
  const charset = /;\s*charset\s*=\s*"?([^\s";]*)/i.exec(type)?.[1] ?? 'utf-8';
  if (!/^(utf-?8|us-ascii)$/i.test(charset)) {
    return new ServiceError('unsupported_media_type', 'Send JSON in UTF-8');
  }
  return isUtf8(body) ? null : new ServiceError('malformed_json', 'The body is not valid UTF-8');
}
