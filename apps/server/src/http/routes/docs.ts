import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import type { OpenAPIV3_1 } from 'openapi-types';
import { notFound } from '../../services/service-error.ts';
import type { DocsSite } from '../docs/site.ts';

const GUIDES = new URL('../../../../../docs/', import.meta.url);
const ASSETS = fileURLToPath(new URL('../docs/assets/', import.meta.url));
const MINISEARCH = dirname(fileURLToPath(import.meta.resolve('minisearch')));

/** The guides and the reference, readable and searchable, with nothing fetched from elsewhere. */
export async function addDocsRoutes(app: FastifyInstance): Promise<void> {
  let site: Promise<DocsSite> | null = null;
  // Loaded and made when the first reader comes: most processes never have one.
  const make = async () => {
    const { buildDocsSite } = await import('../docs/site.ts');
    return buildDocsSite(GUIDES, app.swagger() as OpenAPIV3_1.Document);
  };
  const siteOf = () =>
    (site ??= make().catch((error: unknown) => {
      site = null;
      throw error;
    }));

  const hidden = { schema: { hide: true } } as const;
  app.get('/docs', hidden, (_request, reply) => reply.redirect('/docs/quickstart', 302));
  app.get('/docs/search-index.json', hidden, async () => (await siteOf()).searchIndex);
  app.get<{ Params: { '*': string } }>('/docs/*', hidden, async (request, reply) => {
    const page = (await siteOf()).pages.get(`/docs/${request.params['*']}`);
    if (page === undefined) throw notFound();
    return reply.type('text/html; charset=utf-8').send(page);
  });
  const options = { prefix: '/docs/assets/', index: false as const };
  await app.register(fastifyStatic, { ...options, root: ASSETS, schemaHide: true });
  app.get('/docs/assets/minisearch.js', hidden, (_request, reply) =>
    reply.sendFile('index.js', MINISEARCH),
  );
}
