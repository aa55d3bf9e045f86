import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import { exportArchive } from './db/archive/export-archive.ts';
import type { Progress } from './db/archive/format.ts';
import { importArchive } from './db/archive/import-archive.ts';
import { findEmbeddedServer } from './db/embedded/server.ts';
import { migrate } from './db/migrate.ts';
import { openStore } from './store.ts';

/** What a move came to: rows by table. */
export type Moved = { readonly rows: Readonly<Record<string, number>> };

export type ExportRequest = { readonly file: string; readonly onProgress: Progress };
export type ImportRequest = ExportRequest & {
  readonly replace: boolean;
  readonly sendQueued: boolean;
};

/** `-`: the standard streams. */
const STANDARD = '-';

/** Also works beside a CourierX that is running. */
export async function exportData(
  config: Config,
  log: Logger,
  { file, onProgress }: ExportRequest,
): Promise<Moved> {
  const running = config.databaseUrl === null && (await findEmbeddedServer(config.dataDir));
  if (running) return writeFile(file, (out) => exportArchive(running, out, onProgress));
  const store = await openStore(config, log);
  try {
    const { connection } = store.database;
    return await writeFile(file, (out) => exportArchive(connection, out, onProgress));
  } finally {
    await store.close();
  }
}

/** A file gets its name when it is whole; a snapshot ends with its connection, so none goes on. */
async function writeFile<T>(
  file: string,
  write: (out: NodeJS.WriteStream | ReturnType<typeof createWriteStream>) => Promise<T>,
): Promise<T> {
  if (file === STANDARD) return write(process.stdout);
  if (await stat(file).catch(() => null)) throw new Error(`${file} is there already.`);
  const draft = `${file}.partial`;
  try {
    // It holds customers' mail.
    const result = await write(createWriteStream(draft, { mode: 0o600, flush: true }));
    await rename(draft, file);
    return result;
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** Brings the target's schema up to date first. */
export async function importData(
  config: Config,
  log: Logger,
  { file, ...request }: ImportRequest,
): Promise<Moved> {
  const input = file === STANDARD ? process.stdin : createReadStream(file);
  const store = await openStore(config, log);
  try {
    await migrate(store.database.connection);
    return await importArchive(store.database.connection, input, {
      ...request,
      knowsKey: (name) => store.keyring.knows(name),
    });
  } finally {
    input.destroy();
    await store.close();
  }
}
