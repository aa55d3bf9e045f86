import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ServiceError } from '../../services/service-error.ts';

const INDEX = 'index.html';
/** A file below it has its content's hash in its name, and so never changes. */
const ASSETS = '/assets/';
const FOREVER = 'public, max-age=31536000, immutable';
/** What is not there below these is not a page of the dashboard. */
const NO_PAGES = /^\/(api|docs|health|metrics|openapi\.json|assets)(\/|$)/;

/**
 * Scripts come from here alone. Styles may be inline, as may pictures: the frame that shows a mail
 * inherits this policy, and a mail's styles are in its HTML. It loads nothing from elsewhere.
 */
const POLICY = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "frame-src 'self' blob: data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join(';');

/**
 * Serves the built dashboard at `/`. The files may come, and change, while the server runs: a
 * build at the start takes longer than the start.
 */
export async function addDashboardRoutes(app: FastifyInstance, root: string): Promise<void> {
  await app.register(fastifyStatic, {
    root,
    index: INDEX,
    decorateReply: false,
    preCompressed: true,
    dotfiles: 'ignore',
    cacheControl: false,
    acceptRanges: false,
    suppressWarning: true,
    setHeaders(reply: FastifyReply) {
      setHeaders(reply, reply.request.url.startsWith(ASSETS) ? FOREVER : 'no-cache');
    },
  });
}

/**
 * The dashboard's own paths are known in the browser only, so that what a person opens and no route
 * answers is its index. Null where the request is for something else.
 */
export function sendDashboardPage(
  request: FastifyRequest,
  reply: FastifyReply,
  root: string,
): FastifyReply | null {
  const [path = ''] = request.url.split('?');
  const isThere = existsSync(join(root, INDEX));
  if (path === '/' && !isThere) throw notBuilt();
  if (!isThere || !isNavigation(request) || NO_PAGES.test(path)) return null;
  setHeaders(reply, 'no-cache');
  return reply.sendFile(INDEX, root, { cacheControl: false, acceptRanges: false });
}

function isNavigation({ method, headers }: FastifyRequest): boolean {
  return ['GET', 'HEAD'].includes(method) && headers.accept?.includes('text/html') === true;
}

function setHeaders(reply: FastifyReply, cacheControl: string): void {
  void reply.headers({ 'cache-control': cacheControl, 'content-security-policy': POLICY });
}

function notBuilt(): ServiceError {
  return new ServiceError(
    'not_found',
    'The dashboard is not built yet. A start from the repository builds it, as does "npm run build". The guides are at /docs, the API is at /api/v1.',
  );
}
