import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, readlink, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, expect } from 'vitest';
import type { EmbeddedServer } from '../../src/db/embedded/server.ts';
import { endServerIn } from './end-server-in.ts';
import { waitFor } from './wait-for.ts';

export const isRoot = process.geteuid?.() === 0;

/** Marks the tests that need root, for their titles: they are skipped loudly, not silently. */
export const ROOT_ONLY = isRoot ? '' : 'NEEDS ROOT, SKIPPED: ';

type User = { uid?: number; gid?: number };
type Connection = EmbeddedServer['connection'];
export type Holder = {
  readonly child: ChildProcess;
  readonly connection: Connection;
  readonly adopted: boolean;
};
export type Refusal = { readonly code: string; readonly message: string };

const directories: string[] = [];
const stops: (() => Promise<void>)[] = [];

/** A new directory; removed after the test, which fails if a PostgreSQL still works in it. */
export async function temporaryDirectory(parent = tmpdir()): Promise<string> {
  const path = await realpath(await mkdtemp(join(parent, 'courierx-test-')));
  directories.push(path);
  return path;
}

/** Stops the server after the test, if the test didn't. */
export function stopAfterTest(server: EmbeddedServer): EmbeddedServer {
  stops.push(() => server.stop());
  return server;
}

/** Begins to start a server in a process of its own; killed after the test. */
export function forkScript(dataDir: string, user: User = {}): ChildProcess {
  const script = join(import.meta.dirname, 'hold-embedded-server.ts');
  const child = fork(script, [dataDir], { ...user, execArgv: [], cwd: '/' });
  stops.push(() => killHard(child));
  return child;
}

/** Starts a server in a process of its own, and waits for the outcome. */
export async function forkHolder(dataDir: string, user: User = {}): Promise<Holder | Refusal> {
  const child = forkScript(dataDir, user);
  const [message] = (await once(child, 'message')) as [Omit<Holder, 'child'> | Refusal];
  return 'code' in message ? message : { child, ...message };
}

/** kill -9, and waits until the process is gone. */
export async function killHard(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

export function isHolder(outcome: Holder | Refusal): outcome is Holder {
  return 'child' in outcome;
}

/** The server process's pid, from its data directory. */
export async function postmasterPid(dataDir: string): Promise<number> {
  return Number.parseInt(await readFile(join(dataDir, 'postgres/postmaster.pid'), 'utf8'), 10);
}

/** Runs one statement on a connection of its own and returns the rows. */
export async function query(connection: Connection, sql: string): Promise<unknown[]> {
  const client = new pg.Client(connection);
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Asks until the server answers: it is being started again. */
export async function queryWhenBack(connection: Connection, sql: string): Promise<unknown[]> {
  return await waitFor(() => query(connection, sql).catch(() => undefined), {
    what: 'the server to answer again',
  });
}

/** The processes that work in a directory or below; empty where there is no /proc. */
export async function processesIn(directory: string): Promise<number[]> {
  const found: number[] = [];
  for (const name of process.platform === 'linux' ? await readdir('/proc') : []) {
    const cwd = await readlink(`/proc/${name}/cwd`).catch(() => '');
    if (cwd === directory || cwd.startsWith(`${directory}/`)) found.push(Number(name));
  }
  return found;
}

process.once('exit', () => directories.forEach(endServerIn));

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  while (directories.length > 0) {
    const directory = directories[0]!;
    const left = await processesIn(directory);
    for (const pid of left) process.kill(pid, 'SIGKILL');
    await rm(directory, { recursive: true, force: true, maxRetries: 10 });
    directories.shift();
    expect(left, `processes left behind in ${directory}`).toEqual([]);
  }
});
