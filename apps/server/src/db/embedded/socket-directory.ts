import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedServerError, errorCode } from './error.ts';
import { canTraverse, giveTo, type Identity } from './identity.ts';

export const PORT = 5432;

/** A socket's path ends at 103 bytes on macOS and 107 on Linux. */
const MAX_PATH_BYTES = 103;

/**
 * Makes the directory of the server's socket: short whatever the data directory's path, the same
 * at every start, closed to all other users. It isn't in the data directory, because shared
 * folders of container desktops can't hold sockets.
 */
export async function createSocketDirectory(identity: Identity, dataDir: string): Promise<string> {
  const hash = createHash('sha256').update(dataDir).digest('hex').slice(0, 12);
  const path = join(await chooseBase(identity), `courierx-${hash}`);
  if (await claim(identity, path)) return path;
  // Somebody else put something there; nobody can foresee a random name.
  const other = await mkdtemp(`${path}-`);
  await giveTo(identity, other);
  return other;
}

/** Makes sure that a directory chosen earlier is there and closed to others; throws if it can't. */
export async function ensureSocketDirectory(identity: Identity, path: string): Promise<void> {
  if (await claim(identity, path)) return;
  throw new EmbeddedServerError(
    'start_failed',
    `The directory ${path} for PostgreSQL's socket belongs to another user. Remove it and start CourierX again.`,
  );
}

/** Removes the directory with whatever a killed server left in it. */
export async function removeSocketDirectory(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}

async function claim(identity: Identity, path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
    const found = await lstat(path);
    const owners = [identity.uid, process.geteuid?.()];
    if (!found.isDirectory() || !owners.includes(found.uid)) return false;
    await chmod(path, 0o700);
  }
  await giveTo(identity, path);
  return true;
}

async function chooseBase(identity: Identity): Promise<string> {
  for (const base of [tmpdir(), '/tmp']) {
    const longest = join(base, 'courierx-0123456789ab-XXXXXX', `.s.PGSQL.${PORT}.lock`);
    if (Buffer.byteLength(longest) > MAX_PATH_BYTES) continue;
    if (!identity.switched || (await canTraverse(identity, base))) return base;
  }
  throw new EmbeddedServerError(
    'start_failed',
    `No directory for PostgreSQL's socket: neither ${tmpdir()} nor /tmp is short enough and open to uid ${identity.uid}. Set TMPDIR to one that is.`,
  );
}
