import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ServiceError } from '../../services/service-error.ts';
import type { Principal } from '../../services/context.ts';
import type { LimitState } from '../../services/rate-limits/account-limiter.ts';
import type { HttpDeps } from '../deps.ts';

declare module 'fastify' {
  // eslint-disable-next-line @typescript-eslint/consistent-type-definitions
  interface FastifyRequest {
    /** Set on every route behind {@link setUpAuth}. */
    principal: Principal;
  }
}

/** Every route of this scope needs a token, and counts against its account's limit. */
export function setUpAuth(app: FastifyInstance, deps: HttpDeps): void {
  app.decorateRequest('principal');
  app.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
    const { authorization } = request.headers;
    const { principal, rateLimitPerMinute } = await deps.authenticator.authenticate(authorization);
    request.principal = principal;
    const state = deps.limiter.take(principal.accountId, rateLimitPerMinute);
    tellLimit(reply, state);
    if (!state.isExceeded) return;
    const waitMs = state.resetAt.getTime() - deps.services.now().getTime();
    const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000));
    throw new ServiceError('rate_limited', 'Rate limit exceeded', { retryAfterSeconds });
  });
}

function tellLimit(reply: FastifyReply, state: LimitState): void {
  void reply.headers({
    'x-ratelimit-limit': String(state.limit),
    'x-ratelimit-remaining': String(state.remaining),
    'x-ratelimit-reset': String(Math.floor(state.resetAt.getTime() / 1000)),
  });
}
