import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ServiceError } from '../../services/service-error.ts';
import type { Principal } from '../../services/context.ts';
import type { LimitState } from '../../services/rate-limits/account-limiter.ts';
import type { Caller } from '../../services/sessions/authenticate.ts';
import type { HttpDeps } from '../deps.ts';
import { isSafe, requireOwnPage } from '../own-page.ts';
import { sessionCookieOf } from '../session-cookie.ts';

declare module 'fastify' {
  // eslint-disable-next-line @typescript-eslint/consistent-type-definitions
  interface FastifyRequest {
    /** Set on every route behind {@link setUpAuth}. */
    principal: Principal;
    /** True for a browser that came with its cookie, false for a token. */
    isByCookie: boolean;
  }
}

/** Every route of this scope needs a token or a session's cookie, and counts against its account's limit. */
export function setUpAuth(app: FastifyInstance, deps: HttpDeps): void {
  app.decorateRequest('principal');
  app.decorateRequest('isByCookie', false);
  app.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
    const { principal, rateLimitPerMinute } = await authenticate(deps, request);
    request.principal = principal;
    const state = deps.limiter.take(principal.accountId, rateLimitPerMinute);
    tellLimit(reply, state);
    if (!state.isExceeded) return;
    const waitMs = state.resetAt.getTime() - deps.services.now().getTime();
    const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000));
    throw new ServiceError('rate_limited', 'Rate limit exceeded', { retryAfterSeconds });
  });
}

/** By the header, which wins, or by the cookie: who names a token means that one. */
export async function authenticate(deps: HttpDeps, request: FastifyRequest): Promise<Caller> {
  const { authorization } = request.headers;
  const cookie = authorization === undefined ? sessionCookieOf(deps, request) : undefined;
  if (cookie === undefined) return deps.authenticator.authenticate(authorization);
  if (!isSafe(request)) requireOwnPage(deps, request);
  request.isByCookie = true;
  return deps.authenticator.authenticateSession(cookie);
}

function tellLimit(reply: FastifyReply, state: LimitState): void {
  void reply.headers({
    'x-ratelimit-limit': String(state.limit),
    'x-ratelimit-remaining': String(state.remaining),
    'x-ratelimit-reset': String(Math.floor(state.resetAt.getTime() / 1000)),
  });
}
