import { chown, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  forkHolder,
  isHolder,
  isRoot,
  postmasterPid,
  query,
  queryWhenBack,
  ROOT_ONLY,
  stopAfterTest,
  temporaryDirectory,
} from '../../../test/support/embedded-server.ts';
import { giveTreeTo } from './identity.ts';
import { startEmbeddedServer } from './server.ts';

const NOBODY = 65534;
const STRANGER = 23456;

async function chownAll(directory: string, owner: number): Promise<void> {
  await giveTreeTo({ uid: owner, gid: owner, switched: true }, directory);
}

test.skipIf(!isRoot)(
  `${ROOT_ONLY}as root the server is another user's, in a private directory that stays so`,
  async () => {
    const home = await temporaryDirectory('/root');
    const dataDir = join(home, 'data');
    await mkdir(dataDir, { mode: 0o700 });
    await writeFile(join(dataDir, 'master.key'), 'secret', { mode: 0o600 });
    const server = stopAfterTest(await startEmbeddedServer({ dataDir }));
    const pid = await postmasterPid(dataDir);
    expect((await stat(`/proc/${pid}`)).uid).toBe(NOBODY);
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
    expect((await stat(join(dataDir, 'postgres'))).uid).toBe(NOBODY);
    expect((await stat(join(dataDir, 'master.key'))).uid).toBe(0);
    const reading = query(server.connection, `select pg_read_file('${dataDir}/master.key')`);
    await expect(reading).rejects.toThrow(/Permission denied/);

    // The same way holds for a restart, and for all that PostgreSQL does with its files.
    process.kill(pid, 'SIGKILL');
    await queryWhenBack(server.connection, 'select 1');
    await query(server.connection, 'create table kept as select generate_series(1, 50000) as n');
    await query(server.connection, 'checkpoint');
    await query(server.connection, 'vacuum full kept');
    const rows = await query(server.connection, 'select count(*)::int as n from kept');
    expect(rows).toEqual([{ n: 50_000 }]);
  },
);

test.skipIf(!isRoot)(
  `${ROOT_ONLY}root runs a cluster as its owner, and takes one of its own away from root`,
  async () => {
    const dataDir = await temporaryDirectory();
    await (await startEmbeddedServer({ dataDir })).stop();
    const directory = join(dataDir, 'postgres');
    for (const owner of [0, STRANGER]) {
      await chownAll(directory, owner);
      const server = await startEmbeddedServer({ dataDir });
      const pid = await postmasterPid(dataDir);
      expect((await stat(`/proc/${pid}`)).uid).toBe(owner === 0 ? NOBODY : owner);
      await server.stop();
    }
  },
);

test.skipIf(!isRoot)(
  `${ROOT_ONLY}a socket directory planted by another user isn't used`,
  async () => {
    const dataDir = await temporaryDirectory();
    const first = await startEmbeddedServer({ dataDir });
    await first.stop();
    const planted = first.connection.host;
    await mkdir(planted, { mode: 0o777 });
    onTestFinished(() => rm(planted, { recursive: true }));
    await chown(planted, STRANGER, STRANGER);
    const second = stopAfterTest(await startEmbeddedServer({ dataDir }));
    expect(second.connection.host).not.toBe(planted);
    expect(second.connection.host.startsWith(planted)).toBe(true);
    expect(await query(second.connection, 'select 1 as one')).toEqual([{ one: 1 }]);
  },
);

test.skipIf(!isRoot)(`${ROOT_ONLY}an ordinary user needs nothing of all this`, async () => {
  const dataDir = await temporaryDirectory();
  await chown(dataDir, NOBODY, NOBODY);
  const outcome = await forkHolder(dataDir, { uid: NOBODY, gid: NOBODY });
  if (!isHolder(outcome)) throw new Error(outcome.message);
  expect((await stat(join(dataDir, 'postgres'))).uid).toBe(NOBODY);
  outcome.child.kill('SIGTERM');
  await new Promise((resolve) => outcome.child.once('exit', resolve));
});

test.skipIf(!isRoot)(
  `${ROOT_ONLY}a user without an entry in the user list is told what initdb lacks`,
  async () => {
    const dataDir = await temporaryDirectory();
    await chown(dataDir, STRANGER, STRANGER);
    const outcome = await forkHolder(dataDir, { uid: STRANGER, gid: STRANGER });
    expect(outcome).toMatchObject({ code: 'no_user_entry' });
    expect(outcome).toHaveProperty('message', expect.stringContaining('DATABASE_URL'));
  },
);

test.skipIf(!isRoot)(`${ROOT_ONLY}another user's data directory is refused`, async () => {
  const dataDir = await temporaryDirectory();
  await (await startEmbeddedServer({ dataDir })).stop();
  await chownAll(dataDir, STRANGER);
  await chownAll(join(dataDir, 'postgres'), 1);
  const outcome = await forkHolder(dataDir, { uid: STRANGER, gid: STRANGER });
  expect(outcome).toMatchObject({ code: 'data_dir_unusable' });
  expect(outcome).toHaveProperty('message', expect.stringContaining('chown'));
});
