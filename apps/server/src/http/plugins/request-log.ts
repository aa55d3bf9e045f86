import type { FastifyInstance } from 'fastify';
import type { Principal } from '../../services/context.ts';

/** One line a request; no bodies and no query, which may hold addresses. */
export function logRequests(app: FastifyInstance): void {
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
      },
      'request',
    );
    done();
  });
}
