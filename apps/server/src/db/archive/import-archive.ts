import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import pg from 'pg';
import { extract } from 'tar-stream';
import { sha256 } from '../../lib/crypto.ts';
import { ensureMonths } from '../partitions.ts';
import { checkManifest, checkTarget, parseManifest, type ImportChoices } from './check-import.ts';
import { ArchiveError, END, MANIFEST, ROWS, SHA256 } from './format.ts';
import type { End, Manifest, Progress } from './format.ts';
import { finishImport, startImport, storePart, type ImportState } from './import-state.ts';

export type ImportOptions = ImportChoices & {
  /** The names of the master keys at hand. */
  readonly knowsKey: (name: string) => boolean;
  readonly onProgress: Progress;
};

export type ImportReport = {
  readonly manifest: Manifest;
  readonly rows: Readonly<Record<string, number>>;
  /** Parts that an earlier, interrupted import had brought in. */
  readonly partsSkipped: number;
};

type Entry = AsyncIterable<Buffer> & {
  readonly header: {
    readonly name: string;
    readonly pax?: Readonly<Record<string, string>> | null;
  };
};

/** Any number of ours. */
const LOCK = 7_240_118_605;

/**
 * Brings an archive into a migrated, empty database. Each part is stored with a note of it in one
 * transaction, so an import that was interrupted goes on where it was. Throws {@link ArchiveError}.
 */
export async function importArchive(
  connection: pg.PoolConfig,
  input: Readable,
  options: ImportOptions,
): Promise<ImportReport> {
  const client = new pg.Client({ ...connection, application_name: 'courierx-import' });
  await client.connect();
  // Its end is told by the statement that was running.
  client.on('error', () => undefined);
  try {
    const lock = await client.query<{ got: boolean }>('select pg_try_advisory_lock($1) as got', [
      LOCK,
    ]);
    if (lock.rows[0]?.got !== true) {
      throw new ArchiveError('Another import into this database is running.');
    }
    return await readArchive(input, (entries) => importEntries(client, entries, options));
  } finally {
    await client.end();
  }
}

async function readArchive<T>(
  input: Readable,
  read: (entries: AsyncIterable<Entry>) => Promise<T>,
): Promise<T> {
  const tar = extract();
  const stopping = new AbortController();
  const feeding = pipeline(input, createGunzip(), tar as unknown as NodeJS.WritableStream, {
    signal: stopping.signal,
  });
  // Told by the reading side, which sees the stream break.
  const fed = feeding.then(
    () => null,
    (error: unknown) => error as NodeJS.ErrnoException,
  );
  try {
    return await read(tar as unknown as AsyncIterable<Entry>);
  } catch (error) {
    stopping.abort();
    const broken = await fed;
    if (broken !== null && (broken.code ?? '').startsWith('Z_')) throw cutOff(broken);
    throw error;
  }
}

function cutOff(cause?: Error): ArchiveError {
  return new ArchiveError(
    'The archive is cut off or damaged. What was whole in it is kept: import the whole file, and it goes on from there.',
    { cause },
  );
}

async function importEntries(
  client: pg.Client,
  entries: AsyncIterable<Entry>,
  options: ImportOptions,
): Promise<ImportReport> {
  let state: ImportState | null = null;
  let end: End | null = null;
  for await (const entry of entries) {
    const { name } = entry.header;
    const data = await readEntry(entry);
    if (name === MANIFEST) {
      state = await begin(client, parseManifest(data), options);
    } else if (!state) {
      throw new ArchiveError('This is no archive of CourierX.');
    } else if (name === END) {
      end = JSON.parse(data.toString()) as End;
    } else {
      const { pax } = entry.header;
      if (sha256(data).toString('hex') !== pax?.[SHA256]) throw cutOff();
      await storePart(client, state, { name, data, rows: Number(pax[ROWS]) });
    }
  }
  if (!state || !end) throw cutOff();
  await finishImport(client, state, end);
  const { manifest, partsSkipped } = state;
  return { manifest, rows: end.rows, partsSkipped };
}

async function begin(
  client: pg.Client,
  manifest: Manifest,
  options: ImportOptions,
): Promise<ImportState> {
  await checkManifest(client, manifest, options);
  await checkTarget(client, manifest, options);
  await ensureMonths(
    client,
    manifest.months.map((month) => new Date(`${month}T00:00:00Z`)),
  );
  return startImport(client, manifest, options.onProgress);
}

async function readEntry(entry: Entry): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of entry) chunks.push(chunk);
  return Buffer.concat(chunks);
}
