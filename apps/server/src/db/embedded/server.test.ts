import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  isHolder,
  forkHolder,
  postmasterPid,
  processesIn,
  query,
  stopAfterTest,
  temporaryDirectory,
} from '../../../test/support/embedded-server.ts';
import { isProcessAlive } from './process-state.ts';
import { EmbeddedServerError, findEmbeddedServer, startEmbeddedServer } from './server.ts';

test('data is there again after a restart, on the same connection', async () => {
  const dataDir = join(await temporaryDirectory(), 'not', 'there', 'yet');
  const first = stopAfterTest(await startEmbeddedServer({ dataDir }));
  expect(first.adopted).toBe(false);
  await query(first.connection, 'create table kept as select 42 as answer');
  await first.stop();

  const second = stopAfterTest(await startEmbeddedServer({ dataDir }));
  expect(second.connection).toEqual(first.connection);
  expect(second.adopted).toBe(false);
  expect(await query(second.connection, 'select answer from kept')).toEqual([{ answer: 42 }]);
});

test('stop ends the process, removes the socket, and may be called twice', async () => {
  const dataDir = await temporaryDirectory();
  const server = stopAfterTest(await startEmbeddedServer({ dataDir }));
  const pid = await postmasterPid(dataDir);
  expect(existsSync(join(server.connection.host, '.s.PGSQL.5432'))).toBe(true);

  await Promise.all([server.stop(), server.stop()]);
  await server.stop();
  expect(await isProcessAlive(pid)).toBe(false);
  expect(await processesIn(dataDir)).toEqual([]);
  expect(existsSync(server.connection.host)).toBe(false);
  expect((await readdir(dataDir)).sort()).toEqual(['courierx.lock', 'postgres']);
});

test('the server is durable, checks its pages, listens on a private socket and nowhere else', async () => {
  const dataDir = await temporaryDirectory();
  const server = stopAfterTest(
    await startEmbeddedServer({ dataDir, settings: { max_connections: '17' } }),
  );
  const names = ['fsync', 'synchronous_commit', 'full_page_writes', 'data_checksums'];
  names.push('listen_addresses', 'max_connections', 'server_encoding', 'TimeZone');
  const columns = names.map((name) => `current_setting('${name}') as "${name}"`);
  expect(await query(server.connection, `select ${columns.join(', ')}`)).toEqual([
    {
      fsync: 'on',
      synchronous_commit: 'on',
      full_page_writes: 'on',
      data_checksums: 'on',
      listen_addresses: '',
      max_connections: '17',
      server_encoding: 'UTF8',
      TimeZone: 'UTC',
    },
  ]);
  expect((await stat(server.connection.host)).mode & 0o777).toBe(0o700);
  expect((await stat(join(dataDir, 'postgres'))).mode & 0o777).toBe(0o700);
});

test('the server leads a session of its own, so Ctrl-C reaches us alone', async () => {
  const dataDir = await temporaryDirectory();
  stopAfterTest(await startEmbeddedServer({ dataDir }));
  const pid = await postmasterPid(dataDir);
  if (process.platform !== 'linux') return;
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]!.split(' ');
  expect(fields.slice(2, 4)).toEqual([String(pid), String(pid)]);
});

test('a data directory whose path is too long for a socket works', async () => {
  const dataDir = join(await temporaryDirectory(), 'a'.repeat(90), 'b'.repeat(90));
  const server = stopAfterTest(await startEmbeddedServer({ dataDir }));
  expect(await query(server.connection, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('another process finds the running server, and none when there is none', async () => {
  const dataDir = await temporaryDirectory();
  expect(await findEmbeddedServer(dataDir)).toBeUndefined();
  const server = stopAfterTest(await startEmbeddedServer({ dataDir }));
  expect(await findEmbeddedServer(dataDir)).toEqual(server.connection);
  await server.stop();
  expect(await findEmbeddedServer(dataDir)).toBeUndefined();
});

test('a second start in the same process is refused while the first lives', async () => {
  const dataDir = await temporaryDirectory();
  const server = stopAfterTest(await startEmbeddedServer({ dataDir }));
  const second = startEmbeddedServer({ dataDir });
  await expect(second).rejects.toBeInstanceOf(EmbeddedServerError);
  await expect(second).rejects.toMatchObject({ code: 'already_running' });
  expect(await query(server.connection, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('a second start in another process is refused, naming the first one and the cure', async () => {
  const dataDir = await temporaryDirectory();
  const server = stopAfterTest(await startEmbeddedServer({ dataDir }));
  const outcome = await forkHolder(dataDir);
  expect(outcome).toMatchObject({ code: 'already_running' });
  expect(outcome).toHaveProperty('message', expect.stringContaining(`kill ${process.pid}`));
  expect(outcome).toHaveProperty('message', expect.stringContaining('DATABASE_URL'));
  expect(await query(server.connection, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('of processes that start at once on a new directory, one wins', async () => {
  const dataDir = await temporaryDirectory();
  const outcomes = await Promise.all(Array.from({ length: 4 }, () => forkHolder(dataDir)));
  const [winner, ...others] = outcomes.filter(isHolder);
  expect(others).toEqual([]);
  const refused = outcomes.filter((outcome) => !isHolder(outcome));
  expect(refused).toMatchObject(Array(3).fill({ code: 'already_running' }));
  expect(await query(winner!.connection, 'select 1 as one')).toEqual([{ one: 1 }]);
  winner!.child.kill('SIGTERM');
  await new Promise((resolve) => winner!.child.once('exit', resolve));
});
