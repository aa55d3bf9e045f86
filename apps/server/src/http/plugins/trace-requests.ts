import type { FastifyInstance } from 'fastify';
import type { Principal } from '../../services/context.ts';
import type { Span, Tracer } from '../../lib/tracer.ts';

declare module 'fastify' {
  // eslint-disable-next-line @typescript-eslint/consistent-type-definitions
  interface FastifyRequest {
    /** Null where this request is not traced. */
    span: Span | null;
  }
}

/** A span for each request to the API; it joins the trace that the caller names in `traceparent`. */
export function traceRequests(app: FastifyInstance, tracer: Tracer): void {
  app.decorateRequest('span', null);
  app.addHook('onRequest', (request, _reply, done) => {
    const { url: route } = request.routeOptions;
    if (route?.startsWith('/api/') === true) {
      const { traceparent } = request.headers;
      request.span = tracer.start({
        name: `${request.method} ${route}`,
        kind: 'server',
        parent: typeof traceparent === 'string' ? traceparent : null,
        attributes: {
          'http.request.method': request.method,
          'http.route': route,
          'courierx.request_id': request.id,
        },
      });
    }
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    // Typed as always there; it is only behind the token.
    const principal = request.principal as Principal | undefined;
    request.span?.end({
      attributes: {
        'http.response.status_code': reply.statusCode,
        ...(principal && { 'courierx.account_id': principal.accountId }),
        ...(request.emailId !== null && { 'courierx.email_id': request.emailId }),
      },
      ...(reply.statusCode >= 500 && { failure: String(reply.statusCode) }),
    });
    done();
  });
}
