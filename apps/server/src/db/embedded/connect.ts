import pg from 'pg';
import { SUPERUSER } from './cluster.ts';
import { errorCode } from './error.ts';

export const DATABASE = 'courierx';

export type Socket = { readonly directory: string; readonly port: number };

/** The server shuts down, starts or recovers: it will answer later, or end. */
const NOT_NOW = '57P03';
const NO_ANSWER = [NOT_NOW, 'ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE'];

/** Runs `use` on a connection to the server's maintenance database. */
export async function withClient<T>(
  socket: Socket,
  use: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    host: socket.directory,
    port: socket.port,
    user: SUPERUSER,
    database: 'postgres',
    // Settings of the environment (PGSSLMODE) are meant for other servers.
    ssl: false,
    connectionTimeoutMillis: 5_000,
    query_timeout: 30_000,
  });
  // A server that dies now rejects the query; without a listener it would also end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await use(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Makes our database on the first start. */
export async function ensureDatabase(client: pg.Client): Promise<void> {
  const found = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
  if (found.rowCount === 0) await client.query(`create database ${DATABASE}`);
}

/** True when the failure only says that the server doesn't answer yet, or no more. */
export function isNoAnswer(error: unknown): boolean {
  if (NO_ANSWER.includes(errorCode(error))) return true;
  return error instanceof Error && /^(Connection terminated|timeout expired)/.test(error.message);
}

/** True when the server is there and says it isn't ready. */
export function isNotReady(error: unknown): boolean {
  return errorCode(error) === NOT_NOW;
}
