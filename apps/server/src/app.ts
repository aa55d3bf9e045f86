import { randomUUID } from 'node:crypto';
import { isUtf8 } from 'node:buffer';
import helmet from '@fastify/helmet';
import fastify, {
  LogController,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import { answerBrokenRequest } from './http/answer-broken-request.ts';
import type { HttpDeps } from './http/deps.ts';
import { setUpAuth } from './http/plugins/auth.ts';
import { answerUnroutable, setUpErrors } from './http/plugins/errors.ts';
import { setUpValidation } from './http/plugins/validation.ts';
import { addApiKeyRoutes } from './http/routes/api-keys.ts';
import { addAccountRoutes, addSessionRoutes } from './http/routes/auth.ts';
import { addEmailRoutes } from './http/routes/emails.ts';
import { addHealthRoutes } from './http/routes/health.ts';
import { addProviderConnectionRoutes } from './http/routes/provider-connections.ts';
import { addSuppressionRoutes } from './http/routes/suppressions.ts';
import type { Principal } from './services/context.ts';
import { ServiceError } from './services/service-error.ts';
import { isUnavailable } from './services/is-unavailable.ts';

const REQUEST_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** The HTTP side of CourierX, ready to listen or to be asked by `inject`. */
export async function buildApp(deps: HttpDeps): Promise<FastifyInstance> {
  const app = fastify({
    loggerInstance: deps.log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: 1024 * 1024,
    requestTimeout: 120_000,
    routerOptions: { maxParamLength: 200 },
    genReqId: (request) => {
      const given = request.headers['x-request-id'];
      return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
    },
    // Fastify's own answers have another shape than ours.
    return503OnClosing: false,
    frameworkErrors: answerUnroutable,
    clientErrorHandler: answerBrokenRequest,
    forceCloseConnections: 'idle',
  });
  setUpErrors(app, { isUnavailable });
  setUpValidation(app);
  takeJsonOnly(app);
  app.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id);
    done();
  });
  app.addHook('onResponse', logRequest);
  refuseWhileClosing(app);
  await app.register(helmet);
  addHealthRoutes(app, deps);
  await app.register(
    async (api) => {
      addSessionRoutes(api, deps);
      await api.register((scope, _options, done) => {
        setUpAuth(scope, deps);
        addAccountRoutes(scope, deps);
        addApiKeyRoutes(scope, deps);
        addEmailRoutes(scope, deps);
        addProviderConnectionRoutes(scope, deps);
        addSuppressionRoutes(scope, deps);
        done();
      });
    },
    { prefix: '/api/v1' },
  );
  return app;
}

/** A 503 to those who come during a shutdown; their connection is closed after the answer. */
function refuseWhileClosing(app: FastifyInstance): void {
  let isClosing = false;
  app.addHook('preClose', (done) => {
    isClosing = true;
    done();
  });
  app.addHook('onRequest', (_request, _reply, done) => {
    if (!isClosing) done();
    else done(new ServiceError('unavailable', 'The server is stopping', { retryAfterSeconds: 2 }));
  });
}

/** JSON in UTF-8 and nothing else. An empty body is no body, whatever its type says. */
function takeJsonOnly(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    if (body.length === 0) {
      done(null, undefined);
      return;
    }
    if (!isUtf8(body as Buffer)) {
      done(new ServiceError('malformed_json', 'The body is not valid UTF-8'));
      return;
    }
    return parse(request, body.toString('utf8'), done);
  });
}

/** One line a request; no bodies and no query, which may hold addresses. */
function logRequest(request: FastifyRequest, reply: FastifyReply, done: () => void): void {
  const { method, routeOptions } = request;
  const principal = request.principal as Principal | undefined;
  request.log.info(
    {
      method,
      route: routeOptions.url,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
      accountId: principal?.accountId,
    },
    'request',
  );
  done();
}
