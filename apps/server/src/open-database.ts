import type pg from 'pg';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import { openDatabase, type Database } from './db/database.ts';
import { findEmbeddedServer } from './db/embedded/server.ts';
import { openStore } from './store.ts';

export type OpenedDatabase = { readonly database: Database; close(): Promise<void> };

/** The database the settings name, for a command: also where a server is running on it. */
export async function openRunningDatabase(config: Config, log: Logger): Promise<OpenedDatabase> {
  const running =
    config.databaseUrl === null ? await findEmbeddedServer(config.dataDir) : undefined;
  if (config.databaseUrl === null && !running) {
    const store = await openStore(config, log);
    return { database: store.database, close: () => store.close() };
  }
  const connection: pg.PoolConfig = running ?? { connectionString: config.databaseUrl ?? '' };
  const database = openDatabase({ connection, maxConnections: 2, onIdleError: () => undefined });
  return { database, close: () => database.close() };
}
