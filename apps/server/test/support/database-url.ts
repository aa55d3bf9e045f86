import pg from 'pg';

/** The same connection string with another database's name. */
export function withDatabaseName(url: string, database: string): string {
  // By hand: the form for Unix sockets (`postgres://user@/name?host=/dir`) is no valid URL.
  return url.replace(/^(\w+:\/\/[^/?]*)(\/[^?]*)?/, `$1/${database}`);
}

/** Runs one statement in the database that a connection string names. */
export async function runOnServer(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
