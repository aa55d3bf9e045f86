import type { FastifyRequest } from 'fastify';
import { ServiceError } from '../services/service-error.ts';
import type { HttpDeps } from './deps.ts';

const SAFE_METHODS: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];
const OWN_SITES: readonly unknown[] = [undefined, 'same-origin', 'none'];

/** True for what changes nothing, and so needs no {@link requireOwnPage}. */
export function isSafe(request: FastifyRequest): boolean {
  return SAFE_METHODS.includes(request.method);
}

/**
 * Throws `forbidden` unless the request comes from a page of this server: a form of another site
 * can set no header, and a script of one would have to ask first and is never told yes.
 */
export function requireOwnPage(deps: HttpDeps, request: FastifyRequest): void {
  const { origin, 'sec-fetch-site': site, 'x-courierx-csrf': mark } = request.headers;
  if (mark !== '1') {
    throw forbidden(
      'A request with the session cookie needs the header X-CourierX-CSRF: 1. Programs use Authorization: Bearer instead.',
    );
  }
  if (!OWN_SITES.includes(site)) throw forbidden('The request comes from another site.');
  if (origin === undefined || originsOf(deps, request).includes(origin)) return;
  throw forbidden(
    'The request comes from another origin. If this is where CourierX is opened, set COURIERX_PUBLIC_URL to it.',
  );
}

function originsOf({ publicUrl }: HttpDeps, request: FastifyRequest): readonly string[] {
  const own = `${request.protocol}://${request.host}`;
  return publicUrl === null ? [own] : [own, new URL(publicUrl).origin];
}

function forbidden(error: string): ServiceError {
  return new ServiceError('forbidden', error);
}
