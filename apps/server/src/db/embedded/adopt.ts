import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from './cluster.ts';
import { ensureDatabase, isNoAnswer, isNotReady, type Socket, withClient } from './connect.ts';
import { EmbeddedServerError, errorCode } from './error.ts';
import { parsePostmasterFile, type PostmasterFile, readPostmasterFile } from './postmaster-file.ts';
import { programOf } from './process-state.ts';
import type { ServerProcess } from './server-process.ts';

export type Adopted = { readonly server: ServerProcess; readonly socket: Socket };

/** Where there is no /proc, each look is a process of its own. */
const POLL_MS = process.platform === 'linux' ? 100 : 1_000;
const SILENCE_TIMEOUT_MS = 15_000;

/**
 * Takes over the server that outlived a killed process of ours; undefined when none lives. Only
 * for the holder of the directory's lock: nobody else may be in charge of that server.
 */
export async function adoptServer(cluster: Cluster): Promise<Adopted | undefined> {
  const file = await readPostmasterFile(cluster.directory);
  if (file === undefined) return undefined;
  const socket = { directory: file.socketDir, port: file.port };
  let silentSince = performance.now();
  while (await isPostgres(file.pid)) {
    try {
      const same = await withClient(socket, async (client) => {
        const isSame = await isServerOf(client, file);
        if (isSame) await ensureDatabase(client);
        return isSame;
      });
      return same ? { server: adoptedProcess(file.pid), socket } : undefined;
    } catch (error) {
      if (!isNoAnswer(error)) throw error;
      if (isNotReady(error)) silentSince = performance.now();
    }
    if (performance.now() - silentSince > SILENCE_TIMEOUT_MS) throw noAnswer(cluster, file);
    await delay(POLL_MS);
  }
  return undefined;
}

/** The pid alone proves nothing: it may have been given to another PostgreSQL since. */
async function isServerOf(
  client: { query(sql: string): Promise<{ rows: unknown[] }> },
  file: PostmasterFile,
): Promise<boolean> {
  const { rows } = await client.query("select pg_read_file('postmaster.pid') as text");
  const own = parsePostmasterFile((rows[0] as { text: string }).text);
  return own?.pid === file.pid && own.startedAt === file.startedAt;
}

/** Not our child, so its end has to be looked for. */
function adoptedProcess(pid: number): ServerProcess {
  return {
    pid,
    exited: untilGone(pid),
    signal(name) {
      try {
        process.kill(pid, name);
      } catch (error) {
        if (errorCode(error) !== 'ESRCH') throw error;
      }
    },
  };
}

async function untilGone(pid: number): Promise<string> {
  while (await isPostgres(pid)) await delay(POLL_MS);
  return 'it is gone';
}

async function isPostgres(pid: number): Promise<boolean> {
  return (await programOf(pid)) === 'postgres';
}

function noAnswer({ directory }: Cluster, file: PostmasterFile): EmbeddedServerError {
  return new EmbeddedServerError(
    'start_failed',
    `A PostgreSQL (pid ${file.pid}) holds ${directory} and doesn't answer at ${file.socketDir}. End it (kill -INT ${file.pid}) and start CourierX again; when it serves another directory, remove ${directory}/postmaster.pid instead.`,
  );
}
