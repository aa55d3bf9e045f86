import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { adoptServer } from './adopt.ts';
import { defaultCopyHomes, prepareBinaries } from './binaries.ts';
import { type Cluster, prepareCluster, SUPERUSER } from './cluster.ts';
import { DATABASE, type Socket } from './connect.ts';
import { lockDirectory } from './directory-lock.ts';
import { EmbeddedServerError, errorCode } from './error.ts';
import { chooseIdentity } from './identity.ts';
import { launch } from './launch.ts';
import { locatePackage, packageNameFor } from './package.ts';
import { readPostmasterFile } from './postmaster-file.ts';
import { programOf } from './process-state.ts';
import type { ServerProcess } from './server-process.ts';
import { createSocketDirectory, PORT, removeSocketDirectory } from './socket-directory.ts';
import { supervise } from './supervisor.ts';

export { EmbeddedServerError } from './error.ts';

export type EmbeddedServer = {
  /** Ready to be spread into a `pg.PoolConfig`; stays the same when the server is restarted. */
  readonly connection: { host: string; port: number; user: string; database: string };
  readonly dataDir: string;
  /** True when a server that outlived its killed process was taken over. */
  readonly adopted: boolean;
  /** Fast shutdown, and waits for the end; safe to call twice. Also stops an adopted server. */
  stop(): Promise<void>;
};

export type EmbeddedServerOptions = {
  /** The cluster lives in `<dataDir>/postgres`; the directory is made when missing. */
  dataDir: string;
  /** Further settings of PostgreSQL, which win over ours. */
  settings?: Record<string, string>;
  /** PostgreSQL's own log lines and the supervisor's notes. */
  onLog?: (line: string) => void;
};

type Running = { server: ServerProcess; socket: Socket; adopted: boolean };

/**
 * How to connect to the server that another process of ours runs on a data directory; undefined
 * when none does. For commands that work beside a running CourierX.
 */
export async function findEmbeddedServer(
  dataDir: string,
): Promise<EmbeddedServer['connection'] | undefined> {
  const file = await readPostmasterFile(join(dataDir, 'postgres'));
  if (file?.isReady !== true || (await programOf(file.pid)) !== 'postgres') return undefined;
  return connectionTo({ directory: file.socketDir, port: file.port });
}

/** After a kill -9 the last sessions and zombies of the old server may bar the way for a moment. */
const AFTERMATH_MS = 10_000;

/**
 * Starts PostgreSQL on a data directory, or takes over the one a killed process left running there,
 * and keeps it running until `stop()`. Throws `EmbeddedServerError`.
 */
export async function startEmbeddedServer(options: EmbeddedServerOptions): Promise<EmbeddedServer> {
  const onLog = options.onLog ?? (() => undefined);
  const packageName = packageNameFor(process.platform, process.arch);
  const dataDir = await makeDataDirectory(options.dataDir);
  const lock = await lockDirectory(dataDir);
  try {
    const directory = join(dataDir, 'postgres');
    const identity = await chooseIdentity(directory);
    const source = await locatePackage(packageName);
    const copyHomes = defaultCopyHomes(identity, dataDir);
    const binaries = await prepareBinaries({ source, identity, copyHomes, onLog });
    const cluster = { directory, identity, binaries, onLog };
    await prepareCluster(cluster);
    return await run({ ...options, dataDir }, cluster, () => lock.release());
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function run(
  { dataDir, settings = {} }: EmbeddedServerOptions,
  cluster: Cluster,
  release: () => Promise<void>,
): Promise<EmbeddedServer> {
  const { server: first, socket, adopted } = await adoptOrStart(cluster, dataDir, settings);
  const start = (signal: AbortSignal) => launch({ cluster, socket, settings, signal });
  const supervisor = supervise({ first, start, onLog: cluster.onLog });
  let stopped: Promise<void> | undefined;
  const stop = async () => {
    try {
      await supervisor.stop();
      await removeSocketDirectory(socket.directory);
    } finally {
      await release();
    }
  };
  return {
    connection: connectionTo(socket),
    dataDir,
    adopted,
    stop: () => (stopped ??= stop()),
  };
}

async function adoptOrStart(
  cluster: Cluster,
  dataDir: string,
  settings: Record<string, string>,
): Promise<Running> {
  const wasKilled = (await readPostmasterFile(cluster.directory)) !== undefined;
  const found = await adoptServer(cluster);
  if (found !== undefined) {
    cluster.onLog(`Took over the running PostgreSQL (pid ${found.server.pid})`);
    return { ...found, adopted: true };
  }
  const directory = await createSocketDirectory(cluster.identity, dataDir);
  const socket = { directory, port: PORT };
  const { signal } = new AbortController();
  const giveUpAt = performance.now() + (wasKilled ? AFTERMATH_MS : 0);
  for (;;) {
    try {
      const server = await launch({ cluster, socket, settings, signal });
      return { server, socket, adopted: false };
    } catch (error) {
      if (performance.now() > giveUpAt) {
        await removeSocketDirectory(directory);
        throw error;
      }
    }
    await delay(200);
  }
}

function connectionTo({ directory, port }: Socket): EmbeddedServer['connection'] {
  return { host: directory, port, user: SUPERUSER, database: DATABASE };
}

async function makeDataDirectory(path: string): Promise<string> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    return await realpath(path);
  } catch (error) {
    throw new EmbeddedServerError(
      'data_dir_unusable',
      `The data directory ${path} can't be made (${errorCode(error)}). Set COURIERX_DATA_DIR to a directory CourierX may write to.`,
      { cause: error },
    );
  }
}
