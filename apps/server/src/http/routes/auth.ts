import {
  AccountAnswer,
  DeleteAccountRequest,
  LoginRequest,
  RegisterRequest,
  SessionAnswer,
  UpdateAccountRequest,
  UpdatedAccount,
} from '@courierx/contract';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { deleteAccount } from '../../services/accounts/delete.ts';
import { getAccount } from '../../services/accounts/get.ts';
import { login } from '../../services/accounts/login.ts';
import { register } from '../../services/accounts/register.ts';
import { updateAccount } from '../../services/accounts/update.ts';
import { endSession } from '../../services/sessions/end.ts';
import { takeAttempt } from '../../services/rate-limits/take-attempt.ts';
import { checkedBody } from '../checked-body.ts';
import { clientKeyOf } from '../client-key.ts';
import type { HttpDeps } from '../deps.ts';
import { requireOwnPage } from '../own-page.ts';
import { clearSessionCookie, sessionCookieOf, setSessionCookie } from '../session-cookie.ts';

/** Sign-up and log-in: open to all, and therefore counted by address. */
export function addSessionRoutes(app: FastifyInstance, deps: HttpDeps): void {
  const { services } = deps;
  const preHandler = async (request: FastifyRequest) => {
    await takeAttempt(services.database, {
      key: `auth:${clientKeyOf(request.ip)}`,
      limit: deps.authRateLimitPerMinute,
      windowSeconds: 60,
      now: services.now(),
    });
  };

  app.post(
    '/auth/register',
    {
      preHandler,
      attachValidation: true,
      schema: { body: RegisterRequest, response: { 201: SessionAnswer } },
    },
    async (request, reply) =>
      reply.status(201).send(await register(services, checkedBody(request))),
  );
  app.post<{ Body: LoginRequest }>(
    '/auth/login',
    { preHandler, schema: { body: LoginRequest, response: { 200: SessionAnswer } } },
    (request) => login(services, request.body),
  );
  addBrowserSessionRoutes(app, deps, preHandler);
}

type PreHandler = (request: FastifyRequest) => Promise<void>;

/** Log-in and log-out of a browser, which holds its token in a cookie. */
function addBrowserSessionRoutes(
  app: FastifyInstance,
  deps: HttpDeps,
  preHandler: PreHandler,
): void {
  // Also before there is a session: no other site may log a browser in or out.
  const onRequest = (request: FastifyRequest, _reply: unknown, done: () => void) => {
    requireOwnPage(deps, request);
    done();
  };
  app.post<{ Body: LoginRequest }>(
    '/auth/session',
    { onRequest, preHandler, schema: { body: LoginRequest, response: { 200: AccountAnswer } } },
    async (request, reply) => {
      const { token, account } = await login(deps.services, request.body);
      setSessionCookie(deps, reply, token);
      return { account };
    },
  );
  app.delete('/auth/session', { onRequest }, async (request, reply) => {
    const token = sessionCookieOf(deps, request);
    clearSessionCookie(deps, reply);
    if (token !== undefined && (await endSession(deps.services, token))) {
      deps.authenticator.forget();
    }
    return reply.status(204).send();
  });
}

export function addAccountRoutes(app: FastifyInstance, deps: HttpDeps): void {
  const { services } = deps;
  app.get('/auth/session', { schema: { response: { 200: AccountAnswer } } }, (request) =>
    getAccount(services, request.principal),
  );
  app.get('/auth/me', { schema: { response: { 200: AccountAnswer } } }, (request) =>
    getAccount(services, request.principal),
  );
  app.patch(
    '/auth/me',
    {
      attachValidation: true,
      schema: { body: UpdateAccountRequest, response: { 200: UpdatedAccount } },
    },
    async (request, reply) => {
      const updated = await updateAccount(services, request.principal, checkedBody(request));
      deps.authenticator.forget();
      const { token, account } = updated;
      if (token === undefined || !request.isByCookie) return updated;
      // A browser goes on with its next session, whose token no script sees either.
      setSessionCookie(deps, reply, token);
      return { account };
    },
  );
  app.delete<{ Body: DeleteAccountRequest }>(
    '/auth/me',
    { schema: { body: DeleteAccountRequest } },
    async (request, reply) => {
      await deleteAccount(services, request.principal, request.body);
      deps.authenticator.forget();
      if (request.isByCookie) clearSessionCookie(deps, reply);
      return reply.status(204).send();
    },
  );
}
