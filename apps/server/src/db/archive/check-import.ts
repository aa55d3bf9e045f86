import pg from 'pg';
import { ArchiveError, FORMAT, type Manifest } from './format.ts';
import { readProgress } from './import-state.ts';
import { isInUse, listMigrations, listTables } from './tables.ts';

export type ImportChoices = {
  /** Empty the target first. */
  readonly replace: boolean;
  /** Send the mail that waited, although the source was in use. */
  readonly sendQueued: boolean;
};

/** Throws {@link ArchiveError} where these bytes are no manifest. */
export function parseManifest(data: Buffer): Manifest {
  let manifest: Partial<Manifest> | null = null;
  try {
    manifest = JSON.parse(data.toString()) as Partial<Manifest> | null;
  } catch {
    // Said below.
  }
  if (manifest?.format === undefined) throw new ArchiveError('This is no archive of CourierX.');
  if (manifest.format !== FORMAT) {
    throw new ArchiveError(
      `This archive has format ${manifest.format}, and this CourierX reads format ${FORMAT}. Import it with the CourierX that wrote it.`,
    );
  }
  return manifest as Manifest;
}

/** Whether the archive can be used here at all; nothing is changed. */
export async function checkManifest(
  client: pg.Client,
  manifest: Manifest,
  options: ImportChoices & { readonly knowsKey: (name: string) => boolean },
): Promise<void> {
  requireSameSchema(manifest.migrations, await listMigrations(client));
  const missing = manifest.key_names.filter((name) => !options.knowsKey(name));
  if (missing.length > 0) {
    throw new ArchiveError(
      `The secrets in this archive are sealed with another key (${missing.join(', ')}). Set COURIERX_ENCRYPTION_KEY, or COURIERX_ENCRYPTION_KEY_PREVIOUS, to the key of the CourierX it comes from; with the embedded database that is "encryption_key" in secrets.json.`,
    );
  }
  if (manifest.was_in_use && manifest.queued > 0 && !options.sendQueued) {
    throw new ArchiveError(
      `CourierX was running when this archive was made, and ${manifest.queued} mails were waiting: it may have sent them since, and they would go out again. Stop CourierX there and export again; or, where that CourierX is gone for good, add --send-queued.`,
    );
  }
}

function requireSameSchema(archive: readonly string[], target: readonly string[]): void {
  const newer = archive.filter((name) => !target.includes(name));
  const older = target.filter((name) => !archive.includes(name));
  if (newer.length > 0) {
    throw new ArchiveError(
      `This archive was written by a newer CourierX (it has ${newer.join(', ')}). Install that version here and import again.`,
    );
  }
  if (older.length > 0) {
    throw new ArchiveError(
      `This archive was written by an older CourierX (it lacks ${older.join(', ')}). Import it with that version, then start this one: it brings the data up to date. Or start this version where the archive comes from, and export again.`,
    );
  }
}

/** An empty database, or one where this archive's import was interrupted. */
export async function checkTarget(
  client: pg.Client,
  manifest: Manifest,
  { replace }: ImportChoices,
): Promise<void> {
  if (await isInUse(client)) {
    throw new ArchiveError('CourierX is running on the target database. Stop it, then import.');
  }
  const progress = await readProgress(client);
  if (progress?.archive === manifest.id) return;
  const names = (await listTables(client)).map(({ name }) => name);
  const filled = await listFilled(client, names);
  if (filled.length === 0 && !progress) return;
  if (!replace) {
    const what = progress ? 'holds part of another archive' : `is not empty (${filled.join(', ')})`;
    throw new ArchiveError(
      `The target database ${what}. Use an empty one; or add --replace, and everything in it is deleted first.`,
    );
  }
  const list = names.map((name) => pg.escapeIdentifier(name)).join(', ');
  await client.query('begin');
  await client.query(`truncate ${list}`);
  await client.query('drop schema if exists courierx_import cascade');
  await client.query('commit');
}

async function listFilled(client: pg.Client, names: readonly string[]): Promise<string[]> {
  const filled: string[] = [];
  for (const name of names) {
    const { rows } = await client.query(`select 1 from ${pg.escapeIdentifier(name)} limit 1`);
    if (rows.length > 0) filled.push(name);
  }
  return filled;
}
