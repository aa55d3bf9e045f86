import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync, brotliDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttpFixture, type HttpFixture } from '../support/http-fixture.ts';

const INDEX = '<!doctype html><title>CourierX</title><script src="/assets/app-1a2b.js"></script>';
const SCRIPT = 'console.log("the dashboard");'.repeat(50);
const PAGE = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

let root: string;
let fixture: HttpFixture;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'courierx-dashboard-'));
  fixture = await createHttpFixture({ dashboardRoot: join(root, 'dist') });
});
afterAll(async () => {
  await fixture.close();
  await rm(root, { recursive: true });
});

const get = (url: string, headers: Record<string, string> = {}) =>
  fixture.app.inject({ method: 'GET', url, headers });

describe('before there is a build', () => {
  it('says at / what is missing and where to go', async () => {
    const answer = await get('/', PAGE);
    expect(answer.statusCode).toBe(404);
    expect(answer.json<{ error: string }>().error).toMatch(/not built.*npm run build.*\/docs/);
    expect((await get('/emails', PAGE)).json()).toMatchObject({ error: 'Not found' });
  });
});

describe('the built dashboard', () => {
  beforeAll(async () => {
    // While the server runs, as a build at the start does.
    await mkdir(join(root, 'dist/assets'), { recursive: true });
    await writeFile(join(root, 'secret.txt'), 'not for the web');
    await writeFile(join(root, 'dist/index.html'), INDEX);
    await writeFile(join(root, 'dist/.built'), '');
    await writeFile(join(root, 'dist/favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
    await writeFile(join(root, 'dist/assets/app-1a2b.js'), SCRIPT);
    await writeFile(join(root, 'dist/assets/app-1a2b.js.br'), brotliCompressSync(SCRIPT));
    await writeFile(join(root, 'dist/assets/app-1a2b.js.gz'), gzipSync(SCRIPT));
    await writeFile(join(root, 'dist/assets/plain-3c.css'), 'body{}');
  });

  it.each(['/', '/emails', '/emails/0199c1a2-7b3c-7d4e-8f5a-6b7c8d9e0f1a?tab=raw', '/dockyard'])(
    'is opened at %s, always asked for anew',
    async (url) => {
      const answer = await get(url, PAGE);
      expect(answer.statusCode, answer.body).toBe(200);
      expect(answer.body).toBe(INDEX);
      expect(answer.headers).toMatchObject({
        'content-type': expect.stringMatching(/^text\/html; charset=utf-8$/i) as unknown,
        'cache-control': 'no-cache',
      });
    },
  );

  it('runs no script but its own and is shown in no frame', async () => {
    for (const url of ['/', '/emails']) {
      const policy = String((await get(url, PAGE)).headers['content-security-policy']);
      expect(policy.split(';')).toEqual(
        expect.arrayContaining([
          "default-src 'self'",
          "img-src 'self' data:",
          "frame-src 'self' blob: data:",
          "frame-ancestors 'none'",
        ]),
      );
      expect(policy).not.toMatch(/script-src|unsafe-eval|\*|https?:/);
    }
  });

  it.each([
    ['br', 'gzip, br', brotliDecompressSync],
    [undefined, 'identity', (body: Buffer) => body],
  ])('gives files kept for a year, as %s', async (encoding, accepted, decompress) => {
    const answer = await get('/assets/app-1a2b.js', { 'accept-encoding': accepted });
    expect(answer.headers['content-encoding']).toBe(encoding);
    expect(decompress(answer.rawPayload).toString()).toBe(SCRIPT);
    expect(answer.headers).toMatchObject({
      'content-type': expect.stringMatching(/javascript/) as unknown,
      'cache-control': 'public, max-age=31536000, immutable',
    });
  });

  it('gives a file that was not compressed as it is', async () => {
    const answer = await get('/assets/plain-3c.css', { 'accept-encoding': 'br' });
    expect(answer).toMatchObject({ statusCode: 200, body: 'body{}' });
  });

  it('has other files asked for anew', async () => {
    const { statusCode, headers } = await get('/favicon.svg');
    expect(statusCode).toBe(200);
    expect(headers['cache-control']).toBe('no-cache');
  });

  it('answers a known file that has not changed with 304', async () => {
    const { headers } = await get('/', PAGE);
    const again = await get('/', { ...PAGE, 'if-none-match': String(headers.etag) });
    expect(again.statusCode).toBe(304);
  });

  it.each([
    ['/api/v1/nothing', PAGE],
    ['/api', PAGE],
    ['/docs/nothing', PAGE],
    ['/health/nothing', PAGE],
    ['/metrics/x', PAGE],
    ['/assets/old-0000.js', PAGE],
    ['/emails', { accept: 'application/json' }],
    ['/emails', {}],
    ['/.built', {}],
    ['/../secret.txt', {}],
    ['/%2e%2e/secret.txt', {}],
    ['/assets/..%2f..%2f..%2fsecret.txt', {}],
    ['//secret.txt', {}],
  ])('answers 404 in JSON for %s with %o', async (url, headers) => {
    const answer = await get(url, headers);
    expect(answer.statusCode, answer.body).toBe(404);
    expect(answer.json()).toMatchObject({ code: 'not_found' });
  });

  it('leaves every other method to the API', async () => {
    const answer = await fixture.app.inject({ method: 'POST', url: '/emails', headers: PAGE });
    expect(answer.statusCode).toBe(404);
  });

  it('refuses preconditions it cannot meet without an error of its own', async () => {
    const answer = await get('/', { ...PAGE, 'if-match': '"other"' });
    expect(answer.statusCode).toBeLessThan(500);
  });
});
