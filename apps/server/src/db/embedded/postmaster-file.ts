import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedServerError, errorCode } from './error.ts';
import { mayHavePostgresIn, isProcessAlive, programOf } from './process-state.ts';

/** What a running server (or one that was killed) says of itself in its data directory. */
export type PostmasterFile = {
  readonly pid: number;
  readonly startedAt: string;
  readonly port: number;
  readonly socketDir: string;
  readonly isReady: boolean;
};

/** Parses `postmaster.pid`; undefined when it is unfinished. */
export function parsePostmasterFile(text: string): PostmasterFile | undefined {
  const [pid, , startedAt = '', port, socketDir = '', , , status = ''] = text.split('\n');
  if (!(Number(pid) > 0)) return undefined;
  const isReady = status.trim() === 'ready';
  return { pid: Number(pid), startedAt, port: Number(port), socketDir, isReady };
}

/** Reads `postmaster.pid`; undefined when there is none. */
export async function readPostmasterFile(directory: string): Promise<PostmasterFile | undefined> {
  try {
    return parsePostmasterFile(await readFile(pathIn(directory), 'utf8'));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * PostgreSQL refuses to start when the pid in a killed server's file is in use, by whatever: after
 * a container is started again that is often one of our own threads. The file is removed only when
 * no process of PostgreSQL works there, because it also guards the memory that the sessions of the
 * killed server share.
 */
export async function removeStalePostmasterFile(directory: string): Promise<void> {
  const file = await readPostmasterFile(directory);
  if (file === undefined || !(await isProcessAlive(file.pid))) return;
  if ((await programOf(file.pid)) === 'postgres') return;
  if (process.platform === 'linux' && !(await mayHavePostgresIn(directory))) {
    await rm(pathIn(directory), { force: true });
    return;
  }
  throw new EmbeddedServerError(
    'start_failed',
    `${pathIn(directory)} names process ${file.pid}, which isn't PostgreSQL. When no PostgreSQL works in this directory any more, remove that file and start CourierX again.`,
  );
}

function pathIn(directory: string): string {
  return join(directory, 'postmaster.pid');
}
