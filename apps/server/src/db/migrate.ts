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
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    await client.query('set client_min_messages = warning');
    const applied = await applyPending(client);
    await ensurePartitions(client, new Date());
    return { applied };
  } finally {
    await client.end();
  }
}

async function applyPending(client: pg.Client): Promise<string[]> {
  await client.query(
    `create table if not exists migrations (
       name text primary key, checksum text not null, applied_at timestamptz not null default now())`,
  );
  const done = await client.query<{ name: string; checksum: string }>(
    'select name, checksum from migrations',
  );
  const known = new Map(done.rows.map((row) => [row.name, row.checksum]));
  const files = (await readdir(DIRECTORY)).filter((name) => name.endsWith('.sql')).sort();
  refuseNewerSchema(known, files);
  const applied: string[] = [];
  for (const name of files) {
    const sql = await readFile(new URL(name, DIRECTORY), 'utf8');
    const checksum = sha256(sql).toString('hex');
    const recorded = known.get(name);
    if (recorded === undefined) {
      await applyOne(client, { name, sql, checksum });
      applied.push(name);
    } else if (recorded !== checksum) {
      throw new Error(`Migration ${name} was changed after it had been applied to this database.`);
    }
  }
  return applied;
}

async function applyOne(
  client: pg.Client,
  migration: { name: string; sql: string; checksum: string },
): Promise<void> {
  await client.query('begin');
  try {
    await client.query(migration.sql);
    await client.query('insert into migrations (name, checksum) values ($1, $2)', [
      migration.name,
      migration.checksum,
    ]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw new Error(`Migration ${migration.name} failed; nothing of it was kept.`, {
      cause: error,
    });
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
