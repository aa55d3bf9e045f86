import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMON_JS, installPackedSdk, readSamples } from '../support/packed-sdk.ts';
import type { ServerProcess } from '../support/server-process.ts';

const run = promisify(execFile);
const TSC = createRequire(import.meta.url).resolve('typescript/bin/tsc');

let folder: string;
let server: ServerProcess;
let env: NodeJS.ProcessEnv;
/** As npm test has it, and the one the machine has, which may be older. */
let nodes: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'courierx-sdk-'));
  ({ server, env } = await installPackedSdk(folder));
  nodes = [...new Set([process.execPath, '/usr/bin/node', '/usr/local/bin/node'])];
}, 120_000);

afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Runs a script with each node there is; the one the tests run under is always one of them. */
async function runScript(name: string, script: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, script);
  let output = '';
  for (const node of nodes) {
    try {
      output = (await run(node, [path], { cwd: folder, env, timeout: 60_000 })).stdout;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || node === process.execPath) {
        throw error;
      }
    }
  }
  return output;
}

describe('npm pack, in a project of its own', () => {
  it('has no dependency, and nothing in it but what runs', async () => {
    const manifest = JSON.parse(
      await readFile(join(folder, 'node_modules/@courierx/node/package.json'), 'utf8'),
    ) as Record<string, unknown>;

    expect(manifest['dependencies']).toBeUndefined();
    expect(manifest['devDependencies']).toBeUndefined();
  });

  it('runs the samples of its README', async () => {
    const { amount, program } = await readSamples();

    const output = await runScript('readme.mjs', program);

    expect(amount).toBeGreaterThanOrEqual(6);
    expect(output).toMatch(/^[0-9a-f-]{36} queued$/m);
    expect(output).toContain('cxk_test_');
    // The mail may have gone on already.
    expect(output).toMatch(/ ada@example\.com (queued|sent|delivered)$/m);
  });

  it('is the same for CommonJS', async () => {
    const output = await runScript('send.cjs', COMMON_JS);

    expect(output.trim()).toBe('true NotFoundError 404');
  });

  it('is typed for both module systems', async () => {
    const script = `import { CourierX, type Email } from '@courierx/node';
      const courierx = new CourierX({ apiKey: 'k' });
      export const sent: Promise<{ email: Email }> = courierx.emails.send({
        from: 'a@example.com', to: ['b@example.com'], subject: 's', text: 't',
      });
      // @ts-expect-error a typo must not send a different mail
      void courierx.emails.send({ from: 'a@b.co', to: 'b@b.co', subject: 's', text: 't', replyto: 'x' });
      export async function all(): Promise<string[]> {
        const ids: string[] = [];
        for await (const email of courierx.emails.list()) ids.push(email.id);
        return ids;
      }`;
    await writeFile(join(folder, 'types.mts'), script);
    await writeFile(join(folder, 'types.cts'), script);
    const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022'];

    const { stdout } = await run(
      process.execPath,
      [TSC, ...flags, '--lib', 'es2022,dom', 'types.mts', 'types.cts'],
      { cwd: folder },
    ).catch((error: unknown) => error as { stdout: string });

    expect(stdout).toBe('');
  }, 60_000);
});
