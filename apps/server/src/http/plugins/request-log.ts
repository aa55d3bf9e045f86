import type { FastifyInstance } from 'fastify';
import { traceIdOf } from '../../lib/tracer.ts';
import type { Principal } from '../../services/context.ts';

declare module 'fastify' {
  // eslint-disable-next-line @typescript-eslint/consistent-type-definitions
  interface FastifyRequest {
    /** The mail that the request brought, so that its log lines are found by that of the request. */
    emailId: string | null;
  }
}

/** One line a request; no bodies and no query, which may hold addresses. */
export function logRequests(app: FastifyInstance): void {
  app.decorateRequest('emailId', null);
  app.addHook('onResponse', (request, reply, done) => {
    // Typed as always there; it is only behind the token.
    const principal = request.principal as Principal | undefined;
    request.log.info(
      {
        method: request.method,
        route: request.routeOptions.url,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
        ...(principal && { accountId: principal.accountId }),
        ...(request.emailId !== null && { emailId: request.emailId }),
        ...(request.span && { traceId: traceIdOf(request.span.traceparent) }),
      },
      'request',
    );
    done();
  });
}
