import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiClient } from '../support/api-client.ts';
import { runShell } from '../support/run-shell.ts';
import { startServerProcess, type ServerProcess } from '../support/server-process.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const DOCS = join(ROOT, 'docs');
/** Has a test of its own, which runs it word for word. */
const ELSEWHERE = ['quickstart.md'];

type Sample = { guide: string; language: string; code: string };

const samples: Sample[] = [];
for (const guide of (await readdir(DOCS)).filter((name) => name.endsWith('.md'))) {
  if (ELSEWHERE.includes(guide)) continue;
  const text = await readFile(join(DOCS, guide), 'utf8');
  for (const [, language = '', code = ''] of text.matchAll(
    /^```(sh|js|python)\n([\s\S]*?)^```/gm,
  )) {
    samples.push({ guide, language, code });
  }
}

let folder: string;
let server: ServerProcess;
let env: Record<string, string>;
let hasPython = false;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'courierx-samples-'));
  server = await startServerProcess({ COURIERX_DATA_DIR: join(folder, 'data') });
  const client = new ApiClient(server.url);
  await client.signUp();
  env = { COURIERX_BASE_URL: server.url, COURIERX_API_KEY: client.token ?? '' };
  // The SDK as it would be published, under the name it is imported by.
  const sdk = join(folder, 'node_modules/@courierx/node');
  await mkdir(sdk, { recursive: true });
  await copyFile(join(ROOT, 'packages/sdk/package.json'), join(sdk, 'package.json'));
  await run(process.execPath, [join(ROOT, 'packages/sdk/build.js'), join(sdk, 'dist')]);
  hasPython = await run('python3', ['-c', 'import requests']).then(
    () => true,
    () => false,
  );
  if (!hasPython) {
    process.stderr.write('Python samples are NOT run: python3 with requests is missing\n');
  }
}, 90_000);

afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

describe.each(samples)('docs/$guide, $language: $code', ({ language, code }) => {
  it('runs against a live server', async ({ skip }) => {
    if (language === 'python' && !hasPython) skip();
    // Installing from the registry is not the sample's point, and the tests have no network.
    if (/^npm install/.test(code)) return;
    const output = language === 'sh' ? await runSh(code) : await runFile(language, code);

    expect(output).not.toMatch(/"errors?":(?!\[\])/);
    expect(output.trim()).not.toBe('');
  });
});

const runSh = (code: string) => runShell(code, env);

async function runFile(language: string, code: string): Promise<string> {
  const [program, name] =
    language === 'python' ? ['python3', 'sample.py'] : [process.execPath, 'sample.mjs'];
  const path = join(folder, name);
  await writeFile(path, code);
  const options = { cwd: folder, env: { PATH: process.env['PATH'], ...env }, timeout: 30_000 };
  return (await run(program, [path], options)).stdout;
}
