import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildDashboard } from './dashboard-build.ts';

let repository: string;
const at = (path: string) => join(repository, 'apps/dashboard', path);
const isBuilt = async () => (await readFile(at('dist/count'), 'utf8').catch(() => '')).length;

beforeEach(async () => {
  repository = await mkdtemp(join(tmpdir(), 'courierx-build-'));
  await mkdir(at('src/pages'), { recursive: true });
  await writeFile(at('package.json'), '{}');
  await writeFile(at('src/pages/home.tsx'), 'export {}');
});
afterEach(() => rm(repository, { recursive: true }));

/** Counts its runs, as a stand-in for the bundler. */
const BUILD = `const fs = require('node:fs');
fs.mkdirSync('apps/dashboard/dist', { recursive: true });
fs.writeFileSync('apps/dashboard/dist/index.html', '<!doctype html>');
fs.appendFileSync('apps/dashboard/dist/count', '.');`;

async function build(script = BUILD, signal = new AbortController().signal) {
  const lines: string[] = [];
  await buildDashboard({
    repository,
    command: [process.execPath, '-e', script],
    onProgress: (line) => lines.push(line),
    signal,
  });
  return lines;
}

describe('the build at the start', () => {
  it('is made where it is missing, and then not again', async () => {
    expect(await build()).toEqual([
      'The dashboard is being built; mail does not wait for it.',
      'The dashboard is ready.',
    ]);
    expect(await build()).toEqual([]);
    expect(await isBuilt()).toBe(1);
  });

  it('is made again when a source, however deep, or the contract is newer', async () => {
    await build();
    const later = new Date(Date.now() + 60_000);
    await utimes(at('src/pages/home.tsx'), later, later);
    await build();
    expect(await isBuilt()).toBe(2);
    await mkdir(join(repository, 'packages/contract/src'), { recursive: true });
    await writeFile(join(repository, 'packages/contract/src/index.ts'), '');
    const latest = new Date(Date.now() + 120_000);
    await utimes(join(repository, 'packages/contract/src/index.ts'), latest, latest);
    await build();
    await build();
    expect(await isBuilt()).toBe(3);
  });

  it('takes what was built by hand', async () => {
    await mkdir(at('dist'));
    await writeFile(at('dist/index.html'), '');
    const later = new Date(Date.now() + 60_000);
    await utimes(at('dist/index.html'), later, later);
    expect(await build()).toEqual([]);
  });

  it('says why it failed, and is tried at the next start', async () => {
    const lines = await build(`console.error('home.tsx: unexpected token'); process.exit(1)`);
    expect(lines.at(-1)).toMatch(/could not be built; mail and the API are not affected/);
    expect(lines.at(-1)).toContain('home.tsx: unexpected token');
    expect(await build()).toHaveLength(2);
  });

  it('says so where the program is not there', async () => {
    const lines: string[] = [];
    await buildDashboard({
      repository,
      command: ['no-such-program'],
      onProgress: (line) => lines.push(line),
      signal: new AbortController().signal,
    });
    expect(lines.at(-1)).toMatch(/could not be built/);
  });

  it('ends when the server stops, without a word', async () => {
    const stopping = new AbortController();
    const building = build('setInterval(() => {}, 1000)', stopping.signal);
    setImmediate(() => stopping.abort());
    const lines = await building;
    expect(lines.filter((line) => !line.includes('is being built'))).toEqual([]);
  });

  it('is nothing where there is no dashboard', async () => {
    await rm(at('package.json'));
    expect(await build()).toEqual([]);
  });
});
