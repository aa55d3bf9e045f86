import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { ServiceError, notFound } from '../../services/service-error.ts';
import type { HttpDeps } from '../deps.ts';

/** The largest batch a vendor sends is under 1 MB; a returned mail may be larger. */
const BODY_LIMIT_BYTES = 5 * 1024 * 1024;

const TAKEN = Type.Object({ status: Type.Literal('ok') });

/** Where providers tell what became of mails: one URL a connection, open, and signed. */
export async function addWebhookRoutes(app: FastifyInstance, deps: HttpDeps): Promise<void> {
  await app.register((scope, _options, done) => {
    // Signatures are made over bytes.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, parsed) => {
      parsed(null, body);
    });
    scope.post<{ Params: { provider: string; token: string } }>(
      '/webhooks/:provider/:token',
      { bodyLimit: BODY_LIMIT_BYTES, schema: { response: { 200: TAKEN } } },
      async (request) => {
        const { provider, token } = request.params;
        const reception = await deps.receiveWebhook({
          provider,
          token,
          request: { headers: headersOf(request), body: bodyOf(request) },
        });
        switch (reception.kind) {
          case 'taken':
            return { status: 'ok' };
          case 'not_found':
            throw notFound();
          case 'forged':
            throw new ServiceError('unauthorized', reception.message);
          case 'malformed':
            throw new ServiceError('bad_request', reception.message);
          case 'unverifiable':
            throw new ServiceError('unavailable', reception.message, { retryAfterSeconds: 30 });
        }
      },
    );
    done();
  });
}

function bodyOf({ body }: FastifyRequest): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

function headersOf({ headers }: FastifyRequest): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}
