import type pg from 'pg';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import { openDatabase, type Database } from './db/database.ts';
import { startEmbeddedServer, type EmbeddedServer } from './db/embedded/server.ts';
import { createKeyring, type Keyring } from './lib/keyring.ts';
import { loadOrCreateSecrets } from './secrets.ts';

/** The database and the keys to what is sealed in it. */
export type Store = {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly jwtSecret: Buffer;
  /** Null where DATABASE_URL names the server. */
  readonly embedded: EmbeddedServer | null;
  /** Closes the pool, then stops the embedded server. */
  close(): Promise<void>;
};

/** Opens the database that the settings name; the embedded one is started when there is none. */
export async function openStore(config: Config, log: Logger): Promise<Store> {
  const embedded =
    config.databaseUrl === null
      ? await startEmbeddedServer({
          dataDir: config.dataDir,
          onLog: (line) => log.debug({ source: 'postgresql' }, line),
        })
      : null;
  try {
    const { keys, jwtSecret } = await loadKeys(config);
    const database = openDatabase({
      // PGSSLMODE is for servers reached over a network; the embedded one has a socket.
      connection: embedded
        ? { ...embedded.connection, ssl: false }
        : { connectionString: config.databaseUrl ?? '' },
      direct: directOf(config),
      maxConnections: 12,
      onIdleError: (error) => log.warn({ err: error }, 'a database connection was lost'),
    });
    return {
      database,
      keyring: createKeyring(keys),
      jwtSecret,
      embedded,
      async close() {
        await database.close();
        await embedded?.stop();
      },
    };
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
}

function directOf({ databaseDirectUrl: url }: Config): pg.PoolConfig | undefined {
  return url === null ? undefined : { connectionString: url };
}

async function loadKeys(config: Config): Promise<{ keys: Buffer[]; jwtSecret: Buffer }> {
  const { encryptionKeys, jwtSecret } = config;
  const isComplete = encryptionKeys.length > 0 && jwtSecret !== null;
  if (config.databaseUrl !== null && isComplete) return { keys: [...encryptionKeys], jwtSecret };
  const kept = await loadOrCreateSecrets(config.dataDir);
  return {
    // The kept key stays known, so that setting a key of one's own loses nothing sealed before.
    keys: [...encryptionKeys, kept.encryptionKey],
    jwtSecret: jwtSecret ?? kept.jwtSecret,
  };
}
