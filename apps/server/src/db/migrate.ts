import { readdir, readFile } from 'node:fs/promises';
import pg from 'pg';
import { sha256 } from '../lib/crypto.ts';
import { ensurePartitions } from './partitions.ts';

const DIRECTORY = new URL('./migrations/', import.meta.url);
/** Any number of ours; whoever holds it is migrating. */
const LOCK = 7_240_118_604;

export type MigrationReport = { readonly applied: readonly string[] };

/** Brings the schema up to date and makes the coming months' partitions; safe to race. */
export async function migrate(connection: pg.PoolConfig): Promise<MigrationReport> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    const files = (await readdir(DIRECTORY)).filter((name) => name.endsWith('.sql')).sort();
    const known = await alone(client, () => readKnown(client));
    refuseNewerSchema(known, files);
    const applied: string[] = [];
    for (const name of files) {
      if (await applyOne(client, { name, known: known.get(name) })) applied.push(name);
    }
    await alone(client, () => ensurePartitions(client, new Date()));
    return { applied };
  } finally {
    await client.end();
  }
}

/**
 * One transaction, and no other node's beside it. The lock is the transaction's, not the session's:
 * behind a pooler the next statement may meet another session.
 */
async function alone<T>(client: pg.Client, run: () => Promise<T>): Promise<T> {
  await client.query('begin');
  try {
    await client.query('select pg_advisory_xact_lock($1)', [LOCK]);
    await client.query('set local client_min_messages = warning');
    const result = await run();
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}

/** The checksums of what was applied, by name. */
async function readKnown(client: pg.Client): Promise<Map<string, string>> {
  await client.query(
    `create table if not exists migrations (
       name text primary key, checksum text not null, applied_at timestamptz not null default now())`,
  );
  const { rows } = await client.query<{ name: string; checksum: string }>(
    'select name, checksum from migrations',
  );
  return new Map(rows.map((row) => [row.name, row.checksum]));
}

/** False where it was applied before, or another node has just done it. */
async function applyOne(
  client: pg.Client,
  { name, known }: { name: string; known: string | undefined },
): Promise<boolean> {
  const sql = await readFile(new URL(name, DIRECTORY), 'utf8');
  const checksum = sha256(sql).toString('hex');
  if (known !== undefined && known !== checksum) {
    throw new Error(`Migration ${name} was changed after it had been applied to this database.`);
  }
  if (known !== undefined) return false;
  try {
    return await alone(client, async () => {
      if ((await readKnown(client)).has(name)) return false;
      await client.query(sql);
      await client.query('insert into migrations (name, checksum) values ($1, $2)', [
        name,
        checksum,
      ]);
      return true;
    });
  } catch (error) {
    throw new Error(`Migration ${name} failed; nothing of it was kept.`, { cause: error });
  }
}

function refuseNewerSchema(known: Map<string, string>, files: readonly string[]): void {
  const unknown = [...known.keys()].filter((name) => !files.includes(name));
  if (unknown.length > 0) {
    throw new Error(
      `This database was written by a newer CourierX (${unknown.join(', ')}). Start that version, or restore an older backup.`,
    );
  }
}
