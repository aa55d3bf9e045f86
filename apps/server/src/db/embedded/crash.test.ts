import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  forkHolder,
  type Holder,
  isHolder,
  killHard,
  postmasterPid,
  processesIn,
  query,
  queryWhenBack,
  stopAfterTest,
  temporaryDirectory,
} from '../../../test/support/embedded-server.ts';
import { waitFor } from '../../../test/support/wait-for.ts';
import { isProcessAlive } from './process-state.ts';
import { startEmbeddedServer } from './server.ts';

async function holdServer(dataDir: string): Promise<Holder> {
  const outcome = await forkHolder(dataDir);
  if (!isHolder(outcome)) throw new Error(outcome.message);
  return outcome;
}

async function untilGone(pid: number): Promise<void> {
  await waitFor(async () => !(await isProcessAlive(pid)), { what: `process ${pid} to end` });
}

test('the server of a killed process is taken over with its data, and stopped in the end', async () => {
  const dataDir = await temporaryDirectory();
  const killed = await holdServer(dataDir);
  await query(killed.connection, 'create table kept as select 42 as answer');
  const pid = await postmasterPid(dataDir);
  await killHard(killed.child);
  expect(await isProcessAlive(pid)).toBe(true);

  const server = stopAfterTest(await startEmbeddedServer({ dataDir }));
  expect(server.adopted).toBe(true);
  expect(server.connection).toEqual(killed.connection);
  expect(await postmasterPid(dataDir)).toBe(pid);
  expect(await query(server.connection, 'select answer from kept')).toEqual([{ answer: 42 }]);
  await server.stop();
  expect(await isProcessAlive(pid)).toBe(false);
  expect(existsSync(server.connection.host)).toBe(false);
});

test('of two that find the server of a killed process, one takes it over', async () => {
  const dataDir = await temporaryDirectory();
  await killHard((await holdServer(dataDir)).child);
  const outcomes = await Promise.all([forkHolder(dataDir), forkHolder(dataDir)]);
  const winners = outcomes.filter(isHolder);
  expect(winners).toHaveLength(1);
  expect(winners[0]!.adopted).toBe(true);
  expect(outcomes.filter((outcome) => !isHolder(outcome))).toMatchObject([
    { code: 'already_running' },
  ]);
  winners[0]!.child.kill('SIGTERM');
  await new Promise((resolve) => winners[0]!.child.once('exit', resolve));
});

test('a server taken over that dies is started again on the same connection', async () => {
  const dataDir = await temporaryDirectory();
  await killHard((await holdServer(dataDir)).child);
  const lines: string[] = [];
  const onLog = (line: string) => void lines.push(line);
  const server = stopAfterTest(await startEmbeddedServer({ dataDir, onLog }));
  expect(server.adopted).toBe(true);
  const pid = await postmasterPid(dataDir);
  process.kill(pid, 'SIGKILL');
  await untilGone(pid);
  expect(await queryWhenBack(server.connection, 'select 1 as one')).toEqual([{ one: 1 }]);
  expect(lines.join('\n')).toContain(`(pid ${pid}) ended unexpectedly`);
});

test('a killed server is started again, each time, with all that was committed', async () => {
  const dataDir = await temporaryDirectory();
  const lines: string[] = [];
  const onLog = (line: string) => void lines.push(line);
  const server = stopAfterTest(await startEmbeddedServer({ dataDir, onLog }));
  await query(server.connection, 'create table kept (round int)');
  for (let round = 1; round <= 3; round += 1) {
    await query(server.connection, `insert into kept values (${round})`);
    const pid = await postmasterPid(dataDir);
    process.kill(pid, 'SIGKILL');
    await untilGone(pid);
    const rows = await queryWhenBack(server.connection, 'select count(*)::int as n from kept');
    expect(rows).toEqual([{ n: round }]);
    await waitFor(() => lines.filter((line) => line.includes('runs again')).length === round, {
      what: `restart ${round} in the log`,
    });
  }
});

test('stop during a restart leaves nothing behind', async () => {
  const dataDir = await temporaryDirectory();
  const server = stopAfterTest(await startEmbeddedServer({ dataDir }));
  process.kill(await postmasterPid(dataDir), 'SIGKILL');
  await server.stop();
  await waitFor(async () => (await processesIn(dataDir)).length === 0, {
    what: 'the killed server to be gone altogether',
  });
});

test('a start right after both the process and its server were killed recovers', async () => {
  const dataDir = await temporaryDirectory();
  const killed = await holdServer(dataDir);
  await query(killed.connection, 'create table kept as select 42 as answer');
  const pid = await postmasterPid(dataDir);
  await killHard(killed.child);
  process.kill(pid, 'SIGKILL');
  const server = stopAfterTest(await startEmbeddedServer({ dataDir }));
  expect(await query(server.connection, 'select answer from kept')).toEqual([{ answer: 42 }]);
});

test('the pid of a killed server, given to another program since, does not bar the start', async () => {
  const dataDir = await temporaryDirectory();
  const server = await startEmbeddedServer({ dataDir });
  const file = join(dataDir, 'postgres', 'postmaster.pid');
  const text = await readFile(file, 'utf8');
  await server.stop();
  const other = spawn('sleep', ['60']);
  onTestFinished(() => killHard(other));
  await writeFile(file, text.replace(/^\d+/, String(other.pid)));

  const again = stopAfterTest(await startEmbeddedServer({ dataDir }));
  expect(await query(again.connection, 'select 1 as one')).toEqual([{ one: 1 }]);
});
