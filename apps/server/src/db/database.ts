import { CamelCasePlugin, CompiledQuery, Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Tables } from './types.ts';

/** One pool for both: Kysely for ordinary queries, `pool` for the hand-written hot statements. */
export type Database = {
  readonly pool: pg.Pool;
  readonly kysely: Kysely<Tables>;
  /** For what needs a session of its own: never through a pooler. */
  readonly connection: pg.PoolConfig;
  close(): Promise<void>;
};

export type DatabaseOptions = {
  connection: pg.PoolConfig;
  /** Where `connection` leads to a pooler: the way past it. */
  direct?: pg.PoolConfig | undefined;
  maxConnections: number;
  /** A pooled connection broke while idle; the pool makes another. */
  onIdleError: (error: Error) => void;
};

export function openDatabase(options: DatabaseOptions): Database {
  const settings = { connectionTimeoutMillis: 5_000, keepAlive: true };
  const connection = { ...settings, ...(options.direct ?? options.connection) };
  const pool = new pg.Pool({
    ...settings,
    ...options.connection,
    max: options.maxConnections,
    application_name: 'courierx',
    // A statement that hangs on a dead network must not hang a request for ever.
    query_timeout: 60_000,
  });
  // Without a listener an idle connection's death (a restarted database) would end the process.
  // During a close it is no news: the pool does not wait for its last sockets.
  let isClosing = false;
  pool.on('error', (error) => {
    if (!isClosing) options.onIdleError(error);
  });
  const kysely = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool }),
    // The default would also rewrite the keys inside customers' stored JSON.
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
  });
  const close = () => {
    isClosing = true;
    return kysely.destroy();
  };
  return { pool, kysely, connection, close };
}

/** A Kysely transaction for the hand-written statements, which are written for a `pg` client. */
export function clientOf(transaction: Kysely<Tables>): Pick<pg.Pool, 'query'> {
  // Their rows are named as their statement names them.
  const plain = transaction.withoutPlugins();
  const query = async (statement: string | pg.QueryConfig, given: readonly unknown[] = []) => {
    const isText = typeof statement === 'string';
    const text = isText ? statement : statement.text;
    const values = isText ? given : ((statement.values ?? []) as readonly unknown[]);
    const { rows, numAffectedRows } = await plain.executeQuery(
      CompiledQuery.raw(text, [...values]),
    );
    return { rows, rowCount: numAffectedRows === undefined ? null : Number(numAffectedRows) };
  };
  // Of `query`'s forms, (text, values) and ({ text, values }) are the ones these statements use.
  return { query } as unknown as Pick<pg.Pool, 'query'>;
}
