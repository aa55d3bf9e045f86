import { randomBytes } from 'node:crypto';
import { lstat, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { Binaries } from './binaries.ts';
import { EmbeddedServerError, errorCode } from './error.ts';
import { canTraverse, giveTo, giveTreeTo, type Identity } from './identity.ts';
import { runProgram, spawnOptions } from './run-program.ts';

export const SUPERUSER = 'courierx';

export type Cluster = {
  /** PostgreSQL's data directory, an absolute path without links. */
  readonly directory: string;
  readonly identity: Identity;
  readonly binaries: Binaries;
  readonly onLog: (line: string) => void;
};

/**
 * What the programs get as `-D`, with the directory as their working directory. Under another user
 * that is the working directory itself, by a name every process has for its own: then no
 * directory above the data (a home of mode 0700, or ours with its secret files) has to be opened
 * to that user. A user namespace did it too; it is forbidden in containers, and would leave the
 * server with root's rights to root's files.
 */
export function dataArgument(cluster: Cluster): string {
  const byName = !cluster.identity.switched || process.platform !== 'linux';
  return byName ? cluster.directory : '/proc/self/cwd';
}

/** Makes the cluster if there is none, refuses one these binaries can't serve. */
export async function prepareCluster(cluster: Cluster): Promise<void> {
  await removeHalfMade(cluster.directory);
  await requireReachable(cluster);
  if (await isMissingOrEmpty(cluster)) await createCluster(cluster);
  else await checkExisting(cluster);
}

async function removeHalfMade(directory: string): Promise<void> {
  const parent = dirname(directory);
  for (const name of await readdir(parent)) {
    if (!name.startsWith(`${basename(directory)}.tmp-`)) continue;
    // Retried: the initdb of a killed process may still be writing for a moment.
    await rm(join(parent, name), { recursive: true, force: true, maxRetries: 10 });
  }
}

async function requireReachable({ directory, identity }: Cluster): Promise<void> {
  if (!identity.switched || process.platform === 'linux') return;
  const parent = dirname(directory);
  if (await canTraverse(identity, parent)) return;
  throw unusable(
    `PostgreSQL can't run as root, and uid ${identity.uid} can't reach ${parent}. Start CourierX as an ordinary user, or set COURIERX_DATA_DIR to a directory outside of private ones.`,
  );
}

async function isMissingOrEmpty({ directory, identity }: Cluster): Promise<boolean> {
  try {
    const { uid } = await lstat(directory);
    if (!identity.switched && uid !== identity.uid) {
      throw unusable(
        `${directory} belongs to uid ${uid} and CourierX runs as uid ${identity.uid}. Start it as the owner, or give the directory away: chown -R ${identity.uid} ${directory}`,
      );
    }
    return (await readdir(directory)).length === 0;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return true;
    throw error;
  }
}

async function checkExisting({ directory, identity, binaries }: Cluster): Promise<void> {
  const major = await readMajor(directory);
  if (major !== binaries.major) {
    throw new EmbeddedServerError(
      'other_major',
      `The data in ${directory} was written by PostgreSQL ${major}; this CourierX brings PostgreSQL ${binaries.version} and can't read it. Start the CourierX release that wrote it and move the data with \`courierx export\`, or set DATABASE_URL to a server of your own.`,
    );
  }
  // A backup copied back by root belongs to root.
  if (identity.switched && (await lstat(directory)).uid !== identity.uid) {
    await giveTreeTo(identity, directory);
  }
}

async function readMajor(directory: string): Promise<string> {
  try {
    return (await readFile(join(directory, 'PG_VERSION'), 'utf8')).trim();
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    throw unusable(
      `${directory} holds files and isn't a PostgreSQL data directory. Move them away, or set COURIERX_DATA_DIR to another directory.`,
    );
  }
}

/** Made beside its place and renamed, so a kill in the middle leaves nothing half made. */
async function createCluster(cluster: Cluster): Promise<void> {
  const { directory, identity, onLog } = cluster;
  requireUserEntry(identity);
  const temporary = `${directory}.tmp-${randomBytes(4).toString('hex')}`;
  await mkdir(temporary, { mode: 0o700 });
  try {
    await giveTo(identity, temporary);
    onLog(`Creating a PostgreSQL ${cluster.binaries.version} data directory in ${directory}`);
    await runInitdb({ ...cluster, directory: temporary });
    await rename(temporary, directory);
    await syncDirectory(dirname(directory));
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function runInitdb(cluster: Cluster): Promise<void> {
  const result = await runProgram(
    cluster.binaries.initdb,
    [
      ...['-D', dataArgument(cluster), '--username', SUPERUSER, '--auth', 'trust'],
      ...['--encoding', 'UTF8', '--locale', 'C'],
      ...['--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8'],
      ...['--data-checksums', '--no-instructions'],
    ],
    spawnOptions(cluster.identity, cluster.directory),
  );
  if (result.exitCode === 0) return;
  throw new EmbeddedServerError(
    'start_failed',
    `PostgreSQL's initdb failed in ${cluster.directory}: ${result.stderr.trim()}`,
  );
}

/** Only initdb needs the entry: a server whose data directory is there runs without. */
function requireUserEntry(identity: Identity): void {
  if (identity.switched) return;
  try {
    userInfo();
  } catch (error) {
    throw new EmbeddedServerError(
      'no_user_entry',
      `CourierX runs as uid ${identity.uid}, which has no entry in /etc/passwd, and PostgreSQL's initdb needs one. Run the container as a user of its image (or as root: the server then runs as nobody), add the entry, or set DATABASE_URL.`,
      { cause: error },
    );
  }
}

async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function unusable(message: string): EmbeddedServerError {
  return new EmbeddedServerError('data_dir_unusable', message);
}
