import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openDatabase, type Database } from '../db/database.ts';
import { readPostmasterFile } from '../db/embedded/postmaster-file.ts';
import { startEmbeddedServer } from '../db/embedded/server.ts';
import type { DatabaseFault } from './plan.ts';

/** A database of this run's own, on a PostgreSQL of its own: made for it, and removed after it. */
export type ScratchDatabase = {
  readonly url: string;
  readonly directory: string;
  readonly database: Database;
  /** Ends the server that way; it is started again at once. False when it does not run now. */
  disturb(how: DatabaseFault): Promise<boolean>;
  /** Resolves when it answers. */
  ready(): Promise<void>;
  remove(): Promise<void>;
};

const SIGNALS: Readonly<Record<DatabaseFault, NodeJS.Signals>> = {
  kill: 'SIGKILL',
  immediate: 'SIGQUIT',
  fast: 'SIGINT',
};
const READY_MS = 120_000;

export async function createScratchDatabase(): Promise<ScratchDatabase> {
  const directory = await mkdtemp(join(tmpdir(), 'courierx-chaos-'));
  const dataDir = join(directory, 'database');
  const remove = () => rm(directory, { recursive: true, force: true, maxRetries: 10 });
  const server = await startEmbeddedServer({ dataDir }).catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  const { host, port, user, database: name } = server.connection;
  const database = openDatabase({
    connection: { ...server.connection, ssl: false },
    maxConnections: 2,
    onIdleError: () => undefined,
  });
  return {
    url: `postgres://${user}@/${name}?host=${encodeURIComponent(host)}&port=${port}`,
    directory,
    database,
    async disturb(how) {
      const file = await readPostmasterFile(join(dataDir, 'postgres'));
      if (file?.isReady !== true) return false;
      return process.kill(file.pid, SIGNALS[how]);
    },
    async ready() {
      const end = performance.now() + READY_MS;
      while (!(await isAnswering(database))) {
        if (performance.now() > end) throw new Error('The database did not come back.');
        await delay(100);
      }
    },
    async remove() {
      await database.close();
      await server.stop();
      await remove();
    },
  };
}

async function isAnswering({ pool }: Database): Promise<boolean> {
  try {
    await pool.query('select 1');
    return true;
  } catch {
    return false;
  }
}
