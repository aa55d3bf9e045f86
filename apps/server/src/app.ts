import { randomUUID } from 'node:crypto';
import cookie from '@fastify/cookie';
import fastify, { LogController, type FastifyInstance } from 'fastify';
import helmet from 'helmet';
import type { HttpDeps } from './http/deps.ts';
import { setUpAuth } from './http/plugins/auth.ts';
import { takeJsonOnly } from './http/plugins/body.ts';
import { answerClientError } from './http/plugins/client-errors.ts';
import { sendFrameworkError, setUpErrors } from './http/plugins/errors.ts';
import { logRequests } from './http/plugins/request-log.ts';
import { measureRequests } from './http/plugins/request-metrics.ts';
import { traceRequests } from './http/plugins/trace-requests.ts';
import { refuseUnreadQueries, setUpValidation } from './http/plugins/validation.ts';
import { setUpOpenApi } from './http/openapi/index.ts';
import { addApiKeyRoutes } from './http/routes/api-keys.ts';
import { addAccountRoutes, addSessionRoutes } from './http/routes/auth.ts';
import { addAnalyticsRoutes } from './http/routes/analytics.ts';
import { addAuditLogRoutes } from './http/routes/audit-log.ts';
import { addDashboardRoutes, sendDashboardPage } from './http/routes/dashboard.ts';
import { addDocsRoutes } from './http/routes/docs.ts';
import { addDomainRoutes } from './http/routes/domains.ts';
import { addEmailPreviewRoute } from './http/routes/email-preview.ts';
import { addEmailRoutes } from './http/routes/emails.ts';
import { addHealthRoutes } from './http/routes/health.ts';
import { addProviderConnectionRoutes } from './http/routes/provider-connections.ts';
import { addQueueRoutes } from './http/routes/queue.ts';
import { addRoutingRuleRoutes } from './http/routes/routing-rules.ts';
import { addSandboxRoutes } from './http/routes/sandbox.ts';
import { addStreamRoutes } from './http/routes/stream.ts';
import { addSuppressionRoutes } from './http/routes/suppressions.ts';
import { addWebhookRoutes } from './http/routes/webhooks.ts';
import { addWebhookEndpointRoutes } from './http/routes/webhook-endpoints.ts';
import { NO_TRACER } from './lib/tracer.ts';
import { isUnavailable } from './services/is-unavailable.ts';

const REQUEST_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** The HTTP side of CourierX, ready to listen or to be asked by `inject`. */
export async function buildApp(deps: HttpDeps): Promise<FastifyInstance> {
  const app = createApp(deps);
  const { dashboardRoot = null } = deps;
  setUpErrors(app, {
    isUnavailable,
    sendPage: (request, reply) =>
      dashboardRoot === null ? null : sendDashboardPage(request, reply, dashboardRoot),
  });
  takeJsonOnly(app);
  setUpValidation(app);
  // With a callback: to await a reply is to wait until it has been sent.
  app.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id);
    done();
  });
  logRequests(app);
  traceRequests(app, deps.tracer ?? NO_TRACER);
  measureRequests(app, deps.registry);
  setSecurityHeaders(app, deps);
  await setUpOpenApi(app);
  addHealthRoutes(app, deps);
  await addDocsRoutes(app);
  if (dashboardRoot !== null) await addDashboardRoutes(app, dashboardRoot);
  await app.register(
    async (api) => {
      await api.register(cookie);
      // Its callers are the vendors, who add to the query what they like.
      await addWebhookRoutes(api, deps);
      refuseUnreadQueries(api);
      addSessionRoutes(api, deps);
      await api.register((scope, _options, done) => {
        setUpAuth(scope, deps);
        addAccountRoutes(scope, deps);
        addApiKeyRoutes(scope, deps);
        addAnalyticsRoutes(scope, deps);
        addAuditLogRoutes(scope, deps);
        addDomainRoutes(scope, deps);
        addEmailRoutes(scope, deps);
        addEmailPreviewRoute(scope, deps);
        addProviderConnectionRoutes(scope, deps);
        addQueueRoutes(scope, deps);
        addRoutingRuleRoutes(scope, deps);
        addSandboxRoutes(scope, deps);
        addStreamRoutes(scope, deps);
        addSuppressionRoutes(scope, deps);
        addWebhookEndpointRoutes(scope, deps);
        done();
      });
    },
    { prefix: '/api/v1' },
  );
  return app;
}

function createApp(deps: HttpDeps): FastifyInstance {
  const { trustedProxies = [] } = deps;
  return fastify({
    loggerInstance: deps.log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: 1024 * 1024,
    requestTimeout: 120_000,
    routerOptions: { maxParamLength: 200 },
    // Believed from nobody unless said: the client's address is what logins are counted by.
    trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
    genReqId: (request) => {
      const given = request.headers['x-request-id'];
      return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
    },
    clientErrorHandler: answerClientError,
    frameworkErrors: sendFrameworkError,
    // What still comes over open connections during a stop is served, and told to come no more.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
  });
}

/** Browsers are sent to https only where the operator says that it is there. */
function setSecurityHeaders(app: FastifyInstance, { publicUrl }: HttpDeps): void {
  // Made once: @fastify/helmet composes every header anew for each request.
  const setHeaders = helmet(
    publicUrl?.startsWith('https:') === true
      ? {}
      : {
          strictTransportSecurity: false,
          contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } },
        },
  );
  app.addHook('onRequest', ({ raw }, reply, done) => {
    setHeaders(raw, reply.raw, (error) => done(error as Error | undefined));
  });
}
