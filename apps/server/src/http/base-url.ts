import type { FastifyRequest } from 'fastify';
import type { HttpDeps } from './deps.ts';

/** Where this server is reached from outside, without a slash at the end. */
export function baseUrlOf(deps: HttpDeps, request: FastifyRequest): string {
  return deps.publicUrl ?? `${request.protocol}://${request.host}`;
}
