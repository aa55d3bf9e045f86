import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { EmbeddedServerError, errorCode } from './error.ts';
import { isProcessAlive } from './process-state.ts';

export type DirectoryLock = { release(): Promise<void> };

const SQLITE_BUSY = 5;
/** Two that ask at the same moment may refuse each other: whoever asks again first has it. */
const TRIES = 6;
/** A lock ends when its database is collected as garbage: keep them all in reach. */
const held = new Set<DatabaseSync>();

/**
 * Makes this process the only CourierX on a data directory. The lock is the kernel's own, held
 * through an empty SQLite database: it ends with the process however that dies, no pid has to be
 * judged (pids are reused, and mean nothing between containers that share a volume), and of any
 * number of racing starters one wins. A lock file with a pid, as `proper-lockfile` and the like
 * keep, has to guess at each of these. `courierx.pid` only serves the message.
 *
 * The lock file must never be opened by other means in this process: closing any descriptor of it
 * would end the lock (POSIX). It is never deleted either.
 */
export async function lockDirectory(dataDir: string): Promise<DirectoryLock> {
  const database = await openLockedPatiently(join(dataDir, 'courierx.lock'));
  const pidFile = join(dataDir, 'courierx.pid');
  if (database === undefined) throw await alreadyRunning(dataDir, pidFile);
  held.add(database);
  await writeFile(pidFile, `${process.pid}\n`);
  return {
    async release() {
      if (!held.delete(database)) return;
      await rm(pidFile, { force: true });
      database.close();
    },
  };
}

async function openLockedPatiently(path: string): Promise<DatabaseSync | undefined> {
  for (let tries = 1; ; tries += 1) {
    const database = openLocked(path);
    if (database !== undefined || tries === TRIES) return database;
    await delay(10 + 50 * Math.random());
  }
}

function openLocked(path: string): DatabaseSync | undefined {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    database.exec('pragma locking_mode = exclusive; begin exclusive');
    return database;
  } catch (error) {
    database?.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) {
      return undefined;
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new EmbeddedServerError(
      'data_dir_unusable',
      `The lock file ${path} can't be used (${reason}). The data directory must belong to the user CourierX runs as and lie on a local disk.`,
      { cause: error },
    );
  }
}

async function alreadyRunning(dataDir: string, pidFile: string): Promise<EmbeddedServerError> {
  const pid = await readHolder(pidFile);
  const who = pid === undefined ? 'Another CourierX' : `Another CourierX (pid ${pid})`;
  const how = pid === undefined ? 'Stop that one' : `Stop that one (kill ${pid})`;
  return new EmbeddedServerError(
    'already_running',
    `${who} is using the data directory ${dataDir}. ${how}, give this one a COURIERX_DATA_DIR of its own, or set DATABASE_URL so that both share a PostgreSQL server.`,
  );
}

/** The winner of a race writes its pid just after it has the lock, so look more than once. */
async function readHolder(pidFile: string): Promise<number | undefined> {
  for (let tries = 0; tries < 20; tries += 1) {
    const pid = Number.parseInt(await readText(pidFile), 10);
    if (pid > 0 && (await isProcessAlive(pid))) return pid;
    await delay(25);
  }
  return undefined;
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'EACCES'].includes(errorCode(error))) return '';
    throw error;
  }
}
