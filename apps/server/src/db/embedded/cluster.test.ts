import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  forkScript,
  killHard,
  processesIn,
  query,
  stopAfterTest,
  temporaryDirectory,
} from '../../../test/support/embedded-server.ts';
import { waitFor } from '../../../test/support/wait-for.ts';
import { startEmbeddedServer } from './server.ts';

test('what an interrupted initdb left is removed', async () => {
  const dataDir = await temporaryDirectory();
  const left = join(dataDir, 'postgres.tmp-0badcafe');
  await mkdir(join(left, 'base'), { recursive: true });
  await writeFile(join(left, 'PG_VERSION'), '18\n');
  const server = stopAfterTest(await startEmbeddedServer({ dataDir }));
  expect(await query(server.connection, 'select 1 as one')).toEqual([{ one: 1 }]);
  expect(existsSync(left)).toBe(false);
});

test('a process killed in the middle of initdb leaves nothing in the way', async () => {
  const dataDir = await temporaryDirectory();
  const child = forkScript(dataDir);
  const left = await waitFor(
    async () => (await readdir(dataDir)).find((name) => name.startsWith('postgres.tmp-')),
    { what: 'initdb to begin' },
  );
  await waitFor(() => existsSync(join(dataDir, left, 'base')), { what: 'initdb to be at work' });
  await killHard(child);
  expect(existsSync(join(dataDir, 'postgres'))).toBe(false);

  const server = stopAfterTest(await startEmbeddedServer({ dataDir }));
  expect(await query(server.connection, 'select 1 as one')).toEqual([{ one: 1 }]);
  await server.stop();
  expect((await readdir(dataDir)).sort()).toEqual(['courierx.lock', 'postgres']);
  await waitFor(async () => (await processesIn(dataDir)).length === 0, {
    what: 'the abandoned initdb to end',
  });
});

test('a data directory of another major is refused, with both versions and a way out', async () => {
  const dataDir = await temporaryDirectory();
  await mkdir(join(dataDir, 'postgres'), { mode: 0o700 });
  await writeFile(join(dataDir, 'postgres', 'PG_VERSION'), '17\n');
  const refused = startEmbeddedServer({ dataDir });
  await expect(refused).rejects.toMatchObject({ code: 'other_major' });
  await expect(refused).rejects.toThrow(
    /PostgreSQL 17; .* PostgreSQL 18\.\d+ .*courierx export.*DATABASE_URL/,
  );
  // It can be tried again: the lock was given back.
  await expect(startEmbeddedServer({ dataDir })).rejects.toMatchObject({ code: 'other_major' });
});

test('files that are no data directory are refused and left alone', async () => {
  const dataDir = await temporaryDirectory();
  await mkdir(join(dataDir, 'postgres'));
  await writeFile(join(dataDir, 'postgres', 'notes.txt'), 'mine');
  await expect(startEmbeddedServer({ dataDir })).rejects.toMatchObject({
    code: 'data_dir_unusable',
  });
  expect(await readFile(join(dataDir, 'postgres', 'notes.txt'), 'utf8')).toBe('mine');
});

test('an empty directory in the place of the data is used', async () => {
  const dataDir = await temporaryDirectory();
  await mkdir(join(dataDir, 'postgres'));
  stopAfterTest(await startEmbeddedServer({ dataDir }));
  expect(await readdir(join(dataDir, 'postgres'))).toContain('PG_VERSION');
});

test('a setting PostgreSQL refuses ends the start with its words', async () => {
  const dataDir = await temporaryDirectory();
  const refused = startEmbeddedServer({ dataDir, settings: { shared_buffers: 'plenty' } });
  await expect(refused).rejects.toMatchObject({ code: 'start_failed' });
  await expect(refused).rejects.toThrow(/shared_buffers/);
});
