import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startEmbeddedServer } from '../../src/db/embedded/server.ts';
import { migrate } from '../../src/db/migrate.ts';
import { buildDashboard } from '../../src/dashboard-build.ts';
import { runOnServer, withDatabaseName } from './database-url.ts';
import { endServerIn } from './end-server-in.ts';

/** What the test files get: a server, and a migrated database on it to clone. */
export type TestServer = { readonly url: string; readonly template: string };

declare module 'vitest' {
  // Declarations merge into interfaces only.
  // eslint-disable-next-line @typescript-eslint/consistent-type-definitions
  export interface ProvidedContext {
    testServer: TestServer;
  }
}

type StartedServer = { readonly url: string; stop(): Promise<void> };

/**
 * Vitest's global setup: one PostgreSQL for all test files, with one migrated template, and the
 * dashboard built, so that no two servers of the tests build it at once.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await buildDashboardAsShipped();
  const server = await startServer();
  // Runs that share a DATABASE_URL, and left-overs of aborted ones, must not meet.
  const template = `courierx_template_${randomBytes(6).toString('hex')}`;
  try {
    await runOnServer(server.url, `create database ${template}`);
    await migrate({ connectionString: withDatabaseName(server.url, template) });
  } catch (error) {
    await server.stop();
    throw error;
  }
  project.provide('testServer', { url: server.url, template });
  return async () => {
    try {
      await runOnServer(server.url, `drop database if exists ${template} with (force)`);
    } finally {
      await server.stop();
    }
  };
}

/** React is built as it will be served only where the tests' own NODE_ENV does not reach it. */
async function buildDashboardAsShipped(): Promise<void> {
  const { NODE_ENV } = process.env;
  process.env['NODE_ENV'] = 'production';
  await buildDashboard({
    onProgress: (line) => process.stderr.write(`${line}\n`),
    signal: new AbortController().signal,
  });
  process.env['NODE_ENV'] = NODE_ENV;
}

async function startServer(): Promise<StartedServer> {
  const url = process.env['DATABASE_URL'];
  if (url !== undefined && url !== '') return { url, stop: () => Promise.resolve() };
  const dataDir = await mkdtemp(join(tmpdir(), 'courierx-test-'));
  const server = await startEmbeddedServer({
    dataDir,
    // Nothing here outlives the run, so nothing has to reach the disk.
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' },
  });
  const endServer = () => endServerIn(dataDir);
  process.once('exit', endServer);
  const { host, port, user, database } = server.connection;
  return {
    url: `postgres://${user}@/${database}?host=${encodeURIComponent(host)}&port=${port}`,
    async stop() {
      await server.stop();
      process.removeListener('exit', endServer);
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
