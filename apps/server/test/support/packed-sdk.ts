import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ApiClient } from './api-client.ts';
import { startServerProcess, type ServerProcess } from './server-process.ts';

const run = promisify(execFile);

const SDK = fileURLToPath(new URL('../../../../packages/sdk', import.meta.url));

/** A program whose output is 'true NotFoundError 404'. */
export const COMMON_JS = `const { CourierX, NotFoundError } = require('@courierx/node');
  new CourierX().emails.get('0199c1a2-7b3c-7d4e-8f5a-6b7c8d9e0f1a').catch((error) => {
    console.log(error instanceof NotFoundError, error.name, error.status);
  });`;

/** The samples of its README, which are one program. */
export async function readSamples(): Promise<{ amount: number; program: string }> {
  const readme = await readFile(join(SDK, 'README.md'), 'utf8');
  const samples = [...readme.matchAll(/```js\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');
  return { amount: samples.length, program: samples.join('\n') };
}

export type PackedSdk = {
  readonly server: ServerProcess;
  /** What its scripts need: an account's key, and where the server is. */
  readonly env: NodeJS.ProcessEnv;
};

/** A project in `folder` that has the packed SDK installed, and a server for it. */
export async function installPackedSdk(folder: string): Promise<PackedSdk> {
  const server = await startServerProcess({ COURIERX_DATA_DIR: join(folder, 'data') });
  const client = new ApiClient(server.url);
  await client.signUp();
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    COURIERX_BASE_URL: server.url,
    COURIERX_API_KEY: client.token ?? '',
  };
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], {
    cwd: SDK,
  });
  const tarball = /courierx-node-[\d.]+\.tgz/.exec(stdout)?.[0] ?? '';
  await writeFile(join(folder, 'package.json'), '{ "private": true }');
  await run('npm', ['install', '--offline', '--no-audit', `./${tarball}`], { cwd: folder, env });
  return { server, env };
}
