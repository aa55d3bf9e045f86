import { finished } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { ArchiveError } from './format.ts';
import type { End, Manifest, Progress, TableShape } from './format.ts';

/** An import under way, and what of it the target has. */
export type ImportState = {
  readonly manifest: Manifest;
  readonly tables: ReadonlyMap<string, TableShape>;
  readonly stored: ReadonlySet<string>;
  readonly onProgress: Progress;
  partsSkipped: number;
  rows: number;
};

export type NamedPart = { readonly name: string; readonly data: Buffer; readonly rows: number };

/** What an interrupted import left; null where there is none. */
export async function readProgress(
  client: pg.Client,
): Promise<{ archive: string; parts: string[] } | null> {
  const found = await client.query(
    `select 1 where to_regclass('courierx_import.parts') is not null`,
  );
  if (found.rows.length === 0) return null;
  const { rows } = await client.query<{ archive: string; name: string }>(
    'select archive, name from courierx_import.parts',
  );
  const [first] = rows;
  return first ? { archive: first.archive, parts: rows.map(({ name }) => name) } : null;
}

export async function startImport(
  client: pg.Client,
  manifest: Manifest,
  onProgress: Progress,
): Promise<ImportState> {
  const progress = await readProgress(client);
  await client.query('set client_min_messages = warning');
  await client.query('create schema if not exists courierx_import');
  await client.query(
    `create table if not exists courierx_import.parts (
       archive text not null, name text primary key, stored_at timestamptz not null default now())`,
  );
  if (progress) onProgress(`going on after ${progress.parts.length} parts`);
  return {
    manifest,
    tables: new Map(manifest.tables.map((table) => [table.name, table])),
    stored: new Set(progress?.parts),
    onProgress,
    partsSkipped: 0,
    rows: 0,
  };
}

/** The rows and the note that they are there, together or not at all. */
export async function storePart(
  client: pg.Client,
  state: ImportState,
  part: NamedPart,
): Promise<void> {
  const table = state.tables.get(part.name.split('/')[0] ?? '');
  if (!table) throw new ArchiveError(`The archive holds ${part.name}, which it does not announce.`);
  if (state.stored.has(part.name)) {
    state.partsSkipped += 1;
    return;
  }
  await client.query('begin');
  try {
    await copyIn(client, table, part.data);
    await client.query('insert into courierx_import.parts (archive, name) values ($1, $2)', [
      state.manifest.id,
      part.name,
    ]);
    await client.query('commit');
  } catch (error) {
    // Where the connection is gone the server has rolled back by itself.
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
  state.rows += part.rows;
  state.onProgress(`${part.name}: ${state.rows} rows so far`);
}

async function copyIn(client: pg.Client, table: TableShape, data: Buffer): Promise<void> {
  const name = pg.escapeIdentifier(table.name);
  const columns = table.columns.map((column) => pg.escapeIdentifier(column)).join(', ');
  // What a row set off when it was written is in the archive: it must not be set off again.
  await client.query(`alter table ${name} disable trigger user`);
  const stream = client.query(copyFrom(`copy ${name} (${columns}) from stdin`));
  stream.end(data);
  await finished(stream);
  await client.query(`alter table ${name} enable trigger user`);
}

/** Checks that every row is there, then gives the mail free that was under way. */
export async function finishImport(
  client: pg.Client,
  { manifest, onProgress }: ImportState,
  end: End,
): Promise<void> {
  for (const { name } of manifest.tables) {
    const { rows } = await client.query<{ count: string }>(
      `select count(*) from ${pg.escapeIdentifier(name)}`,
    );
    const [count, expected] = [Number(rows[0]?.count), end.rows[name] ?? 0];
    if (count !== expected) {
      throw new ArchiveError(
        `${name} has ${count} rows here and ${expected} in the archive: something else wrote to the target. Import again with --replace.`,
      );
    }
  }
  await client.query('begin');
  // Its attempts stay on record as open: whoever takes the mail up finds that it may have left.
  await client.query('update queue set run_at = now(), lease = null where lease is not null');
  for (const [name, value] of Object.entries(end.sequences)) {
    await client.query('select setval($1::regclass, $2::bigint)', [
      pg.escapeIdentifier(name),
      value,
    ]);
  }
  await client.query('drop schema courierx_import cascade');
  await client.query('commit');
  onProgress('taking statistics');
  await client.query('analyze');
}
