import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { type Cluster, dataArgument } from './cluster.ts';
import { ensureDatabase, isNoAnswer, type Socket, withClient } from './connect.ts';
import { EmbeddedServerError } from './error.ts';
import { readPostmasterFile, removeStalePostmasterFile } from './postmaster-file.ts';
import { spawnOptions } from './run-program.ts';
import { endServerProcess, type ServerProcess } from './server-process.ts';
import { serverArguments } from './settings.ts';
import { ensureSocketDirectory } from './socket-directory.ts';

export type LaunchOptions = {
  readonly cluster: Cluster;
  readonly socket: Socket;
  readonly settings: Record<string, string>;
  readonly signal: AbortSignal;
};

/** Recovery after a crash replays up to `max_wal_size` of log. */
const READY_TIMEOUT_MS = 600_000;
const KEPT_LINES = 8;

/** Starts the server and waits until it answers; what it started is ended again on any failure. */
export async function launch(options: LaunchOptions): Promise<ServerProcess> {
  const { cluster, socket, signal } = options;
  await ensureSocketDirectory(cluster.identity, socket.directory);
  await removeStalePostmasterFile(cluster.directory);
  signal.throwIfAborted();
  const lastLines: string[] = [];
  const server = await spawnServer(options, (line) => {
    lastLines.push(line);
    if (lastLines.length > KEPT_LINES) lastLines.shift();
  });
  try {
    await waitUntilReady(server, options);
    return server;
  } catch (error) {
    await endServerProcess(server);
    if (!(error instanceof EmbeddedServerError)) throw error;
    throw new EmbeddedServerError(error.code, [error.message, ...lastLines].join('\n'));
  }
}

async function spawnServer(
  { cluster, socket, settings }: LaunchOptions,
  onLine: (line: string) => void,
): Promise<ServerProcess> {
  const args = ['-D', dataArgument(cluster)];
  args.push(...serverArguments(socket.directory, socket.port, settings));
  const child = spawn(cluster.binaries.postgres, args, {
    ...spawnOptions(cluster.identity, cluster.directory),
    stdio: ['ignore', 'ignore', 'pipe'],
    // In a session of its own, so that the terminal's Ctrl-C reaches us alone: we drain first.
    detached: true,
  });
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, name) => resolve(name === null ? `exit code ${code}` : name));
  });
  createInterface({ input: child.stderr }).on('line', (line) => {
    onLine(line);
    cluster.onLog(line);
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    // Stays: a failed kill() is told here too, and an unheard error would end the process.
    child.on('error', reject);
  });
  return { pid: child.pid ?? 0, exited, signal: (name) => void child.kill(name) };
}

async function waitUntilReady(server: ServerProcess, options: LaunchOptions): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  const ended = new AbortController();
  const how = server.exited.then((words) => {
    ended.abort();
    return words;
  });
  const signal = AbortSignal.any([options.signal, ended.signal]);
  for (let waitMs = 5; ; waitMs = Math.min(waitMs * 1.5, 200)) {
    options.signal.throwIfAborted();
    if (ended.signal.aborted) throw notStarted(`it ended (${await how})`);
    if (performance.now() > deadline) throw notStarted('it never answered');
    if (await isAnswering(server, options)) return;
    await delay(waitMs, undefined, { signal }).catch(() => undefined);
  }
}

async function isAnswering(server: ServerProcess, options: LaunchOptions): Promise<boolean> {
  const { cluster, socket } = options;
  // Asking a server that isn't ready would leave an alarming FATAL in its log each time.
  const file = await readPostmasterFile(cluster.directory);
  if (file?.pid !== server.pid || !file.isReady) return false;
  try {
    await withClient(socket, ensureDatabase);
    return true;
  } catch (error) {
    if (isNoAnswer(error)) return false;
    throw error;
  }
}

function notStarted(reason: string): EmbeddedServerError {
  return new EmbeddedServerError('start_failed', `PostgreSQL didn't start: ${reason}.`);
}
