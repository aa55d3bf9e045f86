import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiFixture, type ApiFixture } from '../support/api-fixture.ts';

let fixture: ApiFixture;
const pages = new Map<string, string>();

const get = (url: string) => fixture.app.inject({ method: 'GET', url });
const linksIn = (html: string) =>
  [...html.matchAll(/(?:href|src)="([^"]*)"/g)].map((match) => match[1] ?? '');

beforeAll(async () => {
  fixture = await createApiFixture();
  const first = await get('/docs');
  const waiting = [String(first.headers.location)];
  for (let href = waiting.pop(); href !== undefined; href = waiting.pop()) {
    if (pages.has(href)) continue;
    const { statusCode, body } = await get(href);
    expect(statusCode, href).toBe(200);
    pages.set(href, body);
    const found = linksIn(body)
      .map((link) => link.split('#')[0] ?? '')
      .filter((link) => /^\/docs\/[^.]+$/.test(link));
    waiting.push(...found);
  }
});

afterAll(() => fixture.close());

describe('/docs', () => {
  it('has the guides and the reference, each reached by links alone', () => {
    const expected = ['quickstart', 'failover', 'self-hosting', 'reference', 'api'];

    expect([...pages.keys()]).toEqual(
      expect.arrayContaining(expected.map((name) => `/docs/${name}`)),
    );
  });

  it('fetches nothing from elsewhere, and runs no script that stands in a page', () => {
    for (const [href, html] of pages) {
      const scripts = [...html.matchAll(/<script([^>]*)>([^<]*)</g)];
      expect(
        scripts.every(([, , inline]) => inline === ''),
        href,
      ).toBe(true);
      const fetched = [...html.matchAll(/<(?:script|link|img)[^>]*(?:src|href)="([^"]*)"/g)];
      expect(
        fetched.every(([, url]) => url?.startsWith('/docs/')),
        href,
      ).toBe(true);
    }
  });

  it('has no link that leads nowhere', () => {
    for (const [href, html] of pages) {
      for (const link of linksIn(html)) {
        const [path = '', fragment] = link.split('#');
        const target = path === '' ? html : pages.get(path);
        if (fragment === undefined || fragment === '' || target === undefined) continue;
        expect(target.includes(`id="${fragment}"`), `${href} -> ${link}`).toBe(true);
      }
    }
  });

  it('describes every call in the reference', async () => {
    const document = (await get('/openapi.json')).json<{
      paths: Record<string, Record<string, { operationId: string }>>;
    }>();
    const ids = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    const reference = pages.get('/docs/reference') ?? '';

    expect(ids.length).toBeGreaterThan(15);
    expect(ids.filter((id) => !reference.includes(`id="${id}"`))).toEqual([]);
  });

  it('has a search index whose entries are all places in its pages', async () => {
    const index = (await get('/docs/search-index.json')).json<{ id: string; text: string }[]>();

    expect(index.some(({ text }) => text.includes('idempotency'))).toBe(true);
    for (const { id } of index) {
      const [path = '', fragment = ''] = id.split('#');
      expect(pages.get(path)?.includes(`id="${fragment}"`), id).toBe(true);
    }
  });

  it('serves its assets, and nothing beside them', async () => {
    for (const name of ['docs.css', 'docs.js', 'minisearch.js']) {
      expect((await get(`/docs/assets/${name}`)).statusCode, name).toBe(200);
    }
    for (const url of ['/docs/nope', '/docs/assets/nope', '/docs/assets/..%2fsite.ts']) {
      expect((await get(url)).statusCode, url).toBe(404);
    }
  });
});
