import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gunzipSync, gzipSync } from 'node:zlib';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { exportArchive } from '../../src/db/archive/export-archive.ts';
import { ArchiveError } from '../../src/db/archive/format.ts';
import { importArchive, type ImportOptions } from '../../src/db/archive/import-archive.ts';
import { listTables } from '../../src/db/archive/tables.ts';
import { createKeyring } from '../../src/lib/keyring.ts';
import { ApiClient } from '../support/api-client.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { startServerProcess, testSecrets } from '../support/server-process.ts';
import { startSmtpSink, toSmtpConnection, type SmtpSink } from '../support/smtp-sink.ts';
import { waitFor } from '../support/wait-for.ts';

const MAILS = 150;
const ODD_TEXT = 'tab\t back\\slash "quotes" \\N \\. 🎈\r\nlines';
const secrets = testSecrets();
const keyring = createKeyring([Buffer.from(secrets['COURIERX_ENCRYPTION_KEY']!, 'base64')]);

let directory: string;
let source: TestDatabase;
let sink: SmtpSink;
/** Made while mail was being accepted, and when all was quiet. */
let busyFile: string;
let quietFile: string;
/** Accepted before the first export began. */
const early: string[] = [];
const targets: TestDatabase[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'courierx-archive-'));
  [busyFile, quietFile] = [join(directory, 'busy.tar.gz'), join(directory, 'quiet.tar.gz')];
  [source, sink] = await Promise.all([createTestDatabase(), startSmtpSink()]);
  const api = await startServerProcess({
    DATABASE_URL: source.url,
    ...secrets,
    COURIERX_ROLE: 'api',
  });
  const client = new ApiClient(api.url);
  await client.signUp();
  await client.ok('POST', '/provider_connections', toSmtpConnection(sink));
  await client.ok('POST', '/suppressions', { email: 'gone@example.com', reason: 'manual' });
  for (let n = 0; n < MAILS; n += 1) early.push((await client.send(makeMail(n))).id);
  const exported = new AbortController();
  const more = (async () => {
    while (!exported.signal.aborted) await client.send();
  })();
  await save(busyFile);
  exported.abort();
  await more;
  await api.stop();
  await save(quietFile);
}, 120_000);
afterEach(async () => {
  for (const target of targets.splice(0)) await target.drop();
});
afterAll(async () => {
  await sink.close();
  await source.drop();
  await rm(directory, { recursive: true, force: true });
});

function makeMail(n: number): Record<string, unknown> {
  return {
    ...(n === 1 && { to: ['gone@example.com', 'user@example.com'] }),
    subject: `Mail ${n}`,
    text: n === 0 ? ODD_TEXT : randomBytes(100).toString('hex'),
    tags: ['a "b" \\c'],
    metadata: { n, idempotency_key: `archive-${n}` },
    ...(n % 15 === 0 && {
      attachments: [{ filename: 'a.bin', content: randomBytes(900_000).toString('base64') }],
    }),
  };
}

function save(path: string) {
  return exportArchive(source.connection, createWriteStream(path), () => undefined);
}

async function createTarget(): Promise<TestDatabase> {
  const target = await createTestDatabase();
  targets.push(target);
  return target;
}

function load(target: TestDatabase, input: Readable | string, over: Partial<ImportOptions> = {}) {
  const stream = typeof input === 'string' ? createReadStream(input) : input;
  return importArchive(target.connection, stream, {
    replace: false,
    sendQueued: false,
    knowsKey: (name) => keyring.knows(name),
    onProgress: () => undefined,
    ...over,
  });
}

async function withClient<T>(database: TestDatabase, work: (db: pg.Client) => Promise<T>) {
  const db = new pg.Client(database.connection);
  await db.connect();
  try {
    return await work(db);
  } finally {
    await db.end();
  }
}

/** All rows of all tables as text, in order. */
function readRows(database: TestDatabase): Promise<Map<string, string[]>> {
  return withClient(database, async (db) => {
    const all = new Map<string, string[]>();
    for (const { name } of await listTables(db)) {
      const { rows } = await db.query<{ row: string }>(
        `select t::text as row from ${pg.escapeIdentifier(name)} t order by 1`,
      );
      all.set(
        name,
        rows.map(({ row }) => row),
      );
    }
    return all;
  });
}

async function isEmpty(database: TestDatabase): Promise<boolean> {
  return [...(await readRows(database)).values()].every((rows) => rows.length === 0);
}

describe('an archive', () => {
  it('brings every row of every table into another database', async () => {
    const target = await createTarget();
    const { rows } = await load(target, quietFile);
    const [from, to] = [await readRows(source), await readRows(target)];
    expect(from.get('emails')!.length).toBeGreaterThanOrEqual(MAILS);
    expect(from.get('email_attachments')).toHaveLength(MAILS / 15);
    for (const [table, expected] of from) expect(to.get(table), table).toEqual(expected);
    expect(rows['emails']).toBe(from.get('emails')!.length);
    expect(JSON.stringify(to.get('email_contents'))).toContain('🎈');
  });

  it('puts mail into the partition of its month, also of a month long past', async () => {
    const [from, target] = [await createTarget(), await createTarget()];
    await load(from, quietFile);
    await withClient(from, async (db) => {
      const past = `'017f0000-0000-7000-8000-000000000001'::uuid`;
      await db.query(
        `create table email_states_y2022m02 partition of email_states
         for values from ('017eb254-4800-0000-0000-000000000000') to ('017f4286-8400-0000-0000-000000000000')`,
      );
      await db.query(
        `insert into email_states select account_id, ${past}, 'sent', '{sent}', null, now(), now()
         from email_states limit 1`,
      );
    });
    const file = join(directory, 'old.tar.gz');
    await exportArchive(from.connection, createWriteStream(file), () => undefined);
    await load(target, file);
    await withClient(target, async (db) => {
      const { rows } = await db.query('select from email_states_y2022m02');
      expect(rows).toHaveLength(1);
      const stray = await db.query('select from email_states_default');
      expect(stray.rows).toHaveLength(0);
    });
  });

  it('made while mail is being accepted holds one moment, and each mail whole', async () => {
    const target = await createTarget();
    await load(target, busyFile, { sendQueued: true });
    const [from, to] = [await readRows(source), await readRows(target)];
    const ids = await withClient(target, async (db) => {
      const { rows } = await db.query<{ id: string }>('select id from emails');
      return rows.map(({ id }) => id);
    });
    expect(ids).toEqual(expect.arrayContaining(early));
    for (const table of [
      'emails',
      'email_contents',
      'email_states',
      'email_attachments',
      'queue',
    ]) {
      const ofSnapshot = from.get(table)!.filter((row) => ids.some((id) => row.includes(id)));
      expect(to.get(table), table).toEqual(ofSnapshot);
    }
  });

  it('made while CourierX ran sends what waited only when told to', async () => {
    const target = await createTarget();
    await expect(load(target, busyFile)).rejects.toThrow(/add --send-queued/);
    expect(await isEmpty(target)).toBe(true);
  });

  it('goes on where an import was interrupted', async () => {
    const target = await createTarget();
    const whole = await readFile(quietFile);
    const cut = Readable.from([whole.subarray(0, Math.floor(whole.length * 0.6))]);
    await expect(load(target, cut)).rejects.toThrow(/cut off or damaged/);
    expect(await isEmpty(target)).toBe(false);
    const { partsSkipped } = await load(target, quietFile);
    expect(partsSkipped).toBeGreaterThan(0);
    expect(await readRows(target)).toEqual(await readRows(source));
  });

  it('is refused where it is not whole, whatever is missing', async () => {
    const target = await createTarget();
    const tar = gunzipSync(await readFile(quietFile));
    const endAt = tar.lastIndexOf('end.json');
    const withoutEnd = gzipSync(Buffer.concat([tar.subarray(0, endAt), Buffer.alloc(1024)]));
    await expect(load(target, Readable.from([withoutEnd]))).rejects.toThrow(/cut off or damaged/);
    const changed = Buffer.from(tar);
    changed[changed.indexOf('Mail 3')] = 'm'.charCodeAt(0);
    const replaced = load(await createTarget(), Readable.from([gzipSync(changed)]));
    await expect(replaced).rejects.toThrow(/cut off or damaged/);
    const junk = load(await createTarget(), Readable.from([Buffer.from('no archive')]));
    await expect(junk).rejects.toBeInstanceOf(ArchiveError);
  });

  it('is refused early where the key is another, and nothing is stored', async () => {
    const target = await createTarget();
    const refused = load(target, quietFile, { knowsKey: () => false });
    await expect(refused).rejects.toThrow(/Set COURIERX_ENCRYPTION_KEY/);
    expect(await isEmpty(target)).toBe(true);
  });

  it('is refused where the schema is another, with what to do', async () => {
    const target = await createTarget();
    await target.query(`delete from migrations where name like '0002%'`, []);
    await expect(load(target, quietFile)).rejects.toThrow(/newer CourierX.*0002.*Install that/);
    await target.query(
      `insert into migrations values ('0002_account_events.sql', ''), ('9999_x.sql', '')`,
      [],
    );
    await expect(load(target, quietFile)).rejects.toThrow(/older CourierX.*9999/);
  });

  it('is refused where there is data already, unless it may be replaced', async () => {
    const target = await createTarget();
    await load(target, quietFile);
    await expect(load(target, quietFile)).rejects.toThrow(/not empty .*emails.*--replace/);
    await load(target, quietFile, { replace: true });
    expect(await readRows(target)).toEqual(await readRows(source));
  });

  it('sets off no trigger for the rows it brings', async () => {
    const target = await createTarget();
    await target.query(
      `create function refuse() returns trigger language plpgsql as
       $$ begin raise exception 'set off'; end $$`,
      [],
    );
    await target.query(
      'create trigger t after insert on email_states for each statement execute function refuse()',
      [],
    );
    await load(target, quietFile);
    // It is there, and works again.
    await withClient(target, (db) =>
      expect(
        db.query('insert into email_states select * from email_states where false'),
      ).rejects.toThrow('set off'),
    );
  });

  it('gives a server all it needs: the waiting mail goes out, a key stays taken', async () => {
    const target = await createTarget();
    await load(target, quietFile);
    const server = await startServerProcess({ DATABASE_URL: target.url, ...secrets });
    try {
      await waitFor(() => early.every((id) => sink.copiesOf(id) > 0), {
        timeoutMs: 60_000,
        what: 'the imported mail at the sink',
      });
      expect(early.filter((id) => sink.copiesOf(id) !== 1)).toEqual([]);
    } finally {
      await server.stop();
    }
  }, 120_000);
});
