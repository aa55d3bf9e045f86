import type { Logger } from 'pino';
import type { Config } from './config.ts';
import { migrate, type MigrationReport } from './db/migrate.ts';
import { openStore } from './store.ts';

/** Brings the schema up to date without starting the server. */
export async function migrateStore(config: Config, log: Logger): Promise<MigrationReport> {
  const store = await openStore(config, log);
  try {
    return await migrate(store.database.connection);
  } finally {
    await store.close();
  }
}
