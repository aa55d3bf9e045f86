import { chown, lchown, lstat, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCode } from './error.ts';

/** `nobody` in Debian, Alpine and Red Hat images alike. */
const UNPRIVILEGED = 65534;

/** Whom PostgreSQL runs as. It refuses to run as root, so root hands it to another user. */
export type Identity = {
  readonly uid: number;
  readonly gid: number;
  /** True when this process is root and the server isn't. */
  readonly switched: boolean;
};

/**
 * Root gives the server to the user who owns the cluster, so that this user can go on with it
 * without root later, and to `nobody` when there is no cluster yet or root owns it.
 */
export async function chooseIdentity(clusterDir: string): Promise<Identity> {
  const uid = process.geteuid?.() ?? 0;
  const gid = process.getegid?.() ?? 0;
  if (uid !== 0) return { uid, gid, switched: false };
  const owner = await ownerOf(clusterDir);
  if (owner !== undefined && owner.uid !== 0) return { ...owner, switched: true };
  return { uid: UNPRIVILEGED, gid: UNPRIVILEGED, switched: true };
}

async function ownerOf(path: string): Promise<{ uid: number; gid: number } | undefined> {
  try {
    const { uid, gid } = await lstat(path);
    return { uid, gid };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Gives a path to the server's user; nothing to do when it is this process's own. */
export async function giveTo(identity: Identity, path: string): Promise<void> {
  if (identity.switched) await chown(path, identity.uid, identity.gid);
}

/** True when the user may pass through every directory down to `directory`, by the mode bits. */
export async function canTraverse(identity: Identity, directory: string): Promise<boolean> {
  for (let path = directory; ; path = dirname(path)) {
    const { uid, gid, mode } = await stat(path);
    const bit = uid === identity.uid ? 0o100 : gid === identity.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (path === dirname(path)) return true;
  }
}

/** Gives a directory and all below it to the server's user; links are changed, not followed. */
export async function giveTreeTo(identity: Identity, directory: string): Promise<void> {
  for (const entry of await readdir(directory, { recursive: true })) {
    await lchown(join(directory, entry), identity.uid, identity.gid);
  }
  await lchown(directory, identity.uid, identity.gid);
}
