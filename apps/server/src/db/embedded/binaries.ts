import { chmod, cp, lstat, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedServerError, errorCode } from './error.ts';
import { hydrateSymlinks } from './hydrate-symlinks.ts';
import type { Identity } from './identity.ts';
import type { PostgresPackage } from './package.ts';
import { runProgram, spawnOptions } from './run-program.ts';

export type Binaries = {
  readonly postgres: string;
  readonly initdb: string;
  /** Of PostgreSQL itself, like `18.4`. */
  readonly version: string;
  readonly major: string;
};

export type BinariesOptions = {
  readonly source: PostgresPackage;
  readonly identity: Identity;
  /** Where a copy may be put, best first, when the server's user can't use the package in place. */
  readonly copyHomes: readonly string[];
  readonly onLog: (line: string) => void;
};

type Trial = { readonly binaries: Binaries } | { readonly failure: string; copyMayHelp: boolean };

/** Where root and other users keep a copy of the binaries. */
export function defaultCopyHomes(identity: Identity, dataDir: string): string[] {
  return identity.switched ? ['/var/lib/courierx', join(tmpdir(), 'courierx')] : [dataDir];
}

/**
 * Finds binaries the server's user can run, by running them: in place if possible, else from a
 * copy (a clone under /root, or libraries that lack their links in a read-only node_modules).
 */
export async function prepareBinaries(options: BinariesOptions): Promise<Binaries> {
  const inPlace = await tryInPlace(options);
  if ('binaries' in inPlace) return inPlace.binaries;
  let failure = inPlace.failure;
  for (const home of inPlace.copyMayHelp ? options.copyHomes : []) {
    const copied = await tryCopy(home, inPlace.failure, options);
    if ('binaries' in copied) return copied.binaries;
    failure = copied.failure;
  }
  throw new EmbeddedServerError(
    'binaries_unusable',
    `PostgreSQL's binaries in ${options.source.directory} can't be run by uid ${options.identity.uid}: ${failure}. They need a system with glibc 2.27 or newer (not Alpine), a folder that user can reach and, when root starts CourierX, root's right to run programs as another user. Or set DATABASE_URL to a PostgreSQL server.`,
  );
}

async function tryInPlace({ source, identity }: BinariesOptions): Promise<Trial> {
  try {
    await hydrateSymlinks(source.directory);
  } catch (error) {
    return {
      failure: `the links of its libraries can't be made (${errorCode(error)})`,
      copyMayHelp: true,
    };
  }
  return await tryRun(join(source.directory, 'native'), identity);
}

async function tryCopy(home: string, whyCopy: string, options: BinariesOptions): Promise<Trial> {
  const directory = join(home, `postgres-${options.source.version}`);
  try {
    // The mode is set apart, because a strict umask would close it to the server's user.
    const isNew = (await mkdir(home, { recursive: true })) !== undefined;
    if (isNew && options.identity.switched) await chmod(home, 0o755);
    await refuseForeign(home, options.identity);
    const found = await tryRun(join(directory, 'native'), options.identity);
    if ('binaries' in found) return found;
    options.onLog(`Copying PostgreSQL's binaries to ${directory}: ${whyCopy}`);
    await copyPackage(options, directory);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { failure: `no copy in ${home} (${reason})`, copyMayHelp: true };
  }
  return await tryRun(join(directory, 'native'), options.identity);
}

/** Whoever may write there could have us run a program of theirs; root trusts no group either. */
async function refuseForeign(home: string, identity: Identity): Promise<void> {
  const { uid, mode } = await lstat(home);
  const writableByOthers = identity.switched ? 0o022 : 0o002;
  if (uid !== process.geteuid?.() || (mode & writableByOthers) !== 0) {
    throw new Error(`${home} can be written by another user`);
  }
}

/** Renamed when complete, so nobody ever runs half a copy. */
async function copyPackage(options: BinariesOptions, directory: string): Promise<void> {
  const temporary = `${directory}.tmp-${process.pid}`;
  await rm(temporary, { recursive: true, force: true });
  try {
    await cp(join(options.source.directory, 'native'), join(temporary, 'native'), {
      recursive: true,
      // Without this the copied links would be absolute and lead back to the original.
      verbatimSymlinks: true,
    });
    await hydrateSymlinks(temporary);
    if (options.identity.switched) await openTree(temporary);
    // What stands there didn't run: damaged, or it isn't there at all.
    await rm(directory, { recursive: true, force: true });
    await rename(temporary, directory);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Packages installed under a strict umask are closed to the server's user. */
async function openTree(root: string): Promise<void> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => !entry.isSymbolicLink())
    .map((entry) => join(entry.parentPath, entry.name));
  for (const path of [root, ...paths]) {
    const { mode } = await lstat(path);
    await chmod(path, mode | ((mode & 0o100) !== 0 ? 0o055 : 0o044));
  }
}

async function tryRun(native: string, identity: Identity): Promise<Trial> {
  const postgres = join(native, 'bin', 'postgres');
  try {
    const result = await runProgram(postgres, ['--version'], spawnOptions(identity, '/'));
    const [version, major] = /(\d+)\.\d+/.exec(result.stdout) ?? [];
    if (result.exitCode !== 0 || version === undefined || major === undefined) {
      const failure = `it ended with ${result.exitCode ?? 'a signal'}: ${result.stderr.trim()}`;
      // 127: a shared library can't be found or read.
      return { failure, copyMayHelp: result.exitCode === 127 };
    }
    return { binaries: { postgres, initdb: join(native, 'bin', 'initdb'), version, major } };
  } catch (error) {
    const code = errorCode(error);
    return { failure: `the system says ${code}`, copyMayHelp: code === 'EACCES' };
  }
}
