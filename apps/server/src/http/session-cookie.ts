import type { FastifyReply, FastifyRequest } from 'fastify';
import { baseUrlOf } from './base-url.ts';
import type { HttpDeps } from './deps.ts';

const NAME = 'courierx_session';
const MAX_AGE_SECONDS = 24 * 60 * 60;

/** The session token a browser sent; undefined where there is none. */
export function sessionCookieOf(deps: HttpDeps, request: FastifyRequest): string | undefined {
  return request.cookies[nameFor(deps, request)];
}

/** Gives the browser a session that no script can read and no other site can use. */
export function setSessionCookie(deps: HttpDeps, reply: FastifyReply, token: string): void {
  const options = { ...optionsFor(deps, reply.request), maxAge: MAX_AGE_SECONDS };
  void reply.setCookie(nameFor(deps, reply.request), token, options);
}

export function clearSessionCookie(deps: HttpDeps, reply: FastifyReply): void {
  void reply.clearCookie(nameFor(deps, reply.request), optionsFor(deps, reply.request));
}

/** `__Host-`: no other host of the same domain can set a cookie of that name. */
function nameFor(deps: HttpDeps, request: FastifyRequest): string {
  return isSecure(deps, request) ? `__Host-${NAME}` : NAME;
}

function optionsFor(deps: HttpDeps, request: FastifyRequest) {
  const secure = isSecure(deps, request);
  return { path: '/', httpOnly: true, sameSite: 'strict', secure } as const;
}

function isSecure(deps: HttpDeps, request: FastifyRequest): boolean {
  return baseUrlOf(deps, request).startsWith('https:');
}
