import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { runOnServer, withDatabaseName } from './database-url.ts';

export type TestDatabase = {
  readonly connection: pg.PoolConfig;
  /** For processes of their own: their DATABASE_URL. */
  readonly url: string;
  /** For what no call can bring about. */
  query(text: string, values: unknown[]): Promise<void>;
  /** Ends whatever is still connected. */
  drop(): Promise<void>;
};

/** A migrated, empty database for one test file. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = inject('testServer');
  const name = `courierx_test_${randomBytes(6).toString('hex')}`;
  const url = withDatabaseName(server.url, name);
  await runOnServer(server.url, `create database ${name} template ${server.template}`);
  return {
    connection: { connectionString: url },
    url,
    async query(text, values) {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      await client.query(text, values);
      await client.end();
    },
    drop: () => runOnServer(server.url, `drop database if exists ${name} with (force)`),
  };
}
