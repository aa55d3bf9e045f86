import { randomUUID } from 'node:crypto';
import type { Writable } from 'node:stream';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { pack, type Pack } from 'tar-stream';
import { sha256 } from '../../lib/crypto.ts';
import { END, FORMAT, MANIFEST, ROWS, SHA256 } from './format.ts';
import type { End, Manifest, Progress, TableShape } from './format.ts';
import { splitLines } from './parts.ts';
import { isInUse, listMigrations, listTables } from './tables.ts';

const PART_BYTES = 4 * 1024 ** 2;
const GZIP_LEVEL = 4;

/**
 * Writes everything a database holds, as of one moment, while it is in use. Holds one part in
 * memory (4 MB, or the largest row), and ends `out`.
 */
export async function exportArchive(
  connection: pg.PoolConfig,
  out: Writable,
  onProgress: Progress,
): Promise<Manifest & End> {
  const client = new pg.Client({ ...connection, application_name: 'courierx-export' });
  await client.connect();
  // Its end is told by the statement that was running.
  client.on('error', () => undefined);
  const tar = pack();
  try {
    const [contents] = await Promise.all([
      writeContents(client, tar, onProgress).catch((error: unknown) => {
        tar.destroy(error as Error);
        throw error;
      }),
      pipeline(Readable.from(tar), createGzip({ level: GZIP_LEVEL }), out),
    ]);
    return contents;
  } finally {
    await client.end();
  }
}

async function writeContents(
  client: pg.Client,
  tar: Pack,
  onProgress: Progress,
): Promise<Manifest & End> {
  await client.query('begin isolation level repeatable read read only');
  const manifest = await readManifest(client);
  await addEntry(tar, { name: MANIFEST }, Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`));
  const rows: Record<string, number> = {};
  for (const table of manifest.tables) {
    rows[table.name] = await writeTable(client, { tar, table });
    onProgress(`${table.name}: ${rows[table.name] ?? 0} rows`);
  }
  const end: End = { rows, sequences: await readSequences(client) };
  await addEntry(tar, { name: END }, Buffer.from(`${JSON.stringify(end, null, 2)}\n`));
  await client.query('commit');
  tar.finalize();
  return { ...manifest, ...end };
}

async function writeTable(
  client: pg.Client,
  { tar, table }: { tar: Pack; table: TableShape },
): Promise<number> {
  const columns = table.columns.map((name) => pg.escapeIdentifier(name)).join(', ');
  // A query, since the partitions of a table are only reached by one.
  const text = `copy (select ${columns} from ${pg.escapeIdentifier(table.name)}) to stdout`;
  let total = 0;
  let number = 0;
  for await (const { data, rows } of splitLines(client.query(copyTo(text)), PART_BYTES)) {
    number += 1;
    total += rows;
    const name = `${table.name}/${String(number).padStart(6, '0')}.copy`;
    const pax = { [ROWS]: String(rows), [SHA256]: sha256(data).toString('hex') };
    await addEntry(tar, { name, pax }, data);
  }
  return total;
}

function addEntry(
  tar: Pack,
  header: { name: string; pax?: Record<string, string> },
  data: Buffer,
): Promise<void> {
  return new Promise((resolve, reject) => {
    tar.entry({ ...header, size: data.length, mode: 0o600 }, data, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

async function readManifest(client: pg.Client): Promise<Manifest> {
  const keys = await client.query<{ name: string }>(
    'select distinct data_key_master as name from accounts order by 1',
  );
  const queued = await client.query<{ count: string }>('select count(*) from queue');
  return {
    format: FORMAT,
    id: randomUUID(),
    created_at: new Date().toISOString(),
    migrations: await listMigrations(client),
    key_names: keys.rows.map(({ name }) => name),
    was_in_use: await isInUse(client),
    queued: Number(queued.rows[0]?.count),
    months: await listMonths(client),
    tables: await listTables(client),
  };
}

async function listMonths(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ month: string }>(
    `select distinct replace(substring(relname from '_y([0-9]{4}m[0-9]{2})$'), 'm', '-') || '-01'
            as month
     from pg_class
     where relispartition and relkind = 'r' and relname ~ '_y[0-9]{4}m[0-9]{2}$' order by 1`,
  );
  return rows.map(({ month }) => month);
}

async function readSequences(client: pg.Client): Promise<Record<string, string>> {
  const { rows } = await client.query<{ name: string; value: string }>(
    `select sequencename::text as name, last_value::text as value from pg_sequences
     where schemaname = current_schema() and last_value is not null`,
  );
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}
