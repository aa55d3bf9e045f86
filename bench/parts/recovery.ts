import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { findEmbeddedServer } from '../../apps/server/src/db/embedded/server.ts';
import { post, signUp } from '../api.ts';
import { arrival, connectionTo } from '../arrival.ts';
import { seedEmails } from '../database.ts';
import type { PartContext } from '../part.ts';
import { makeDataDir, startCourierx, startHelper } from '../processes.ts';
import { progress, whole } from '../report.ts';

/** From `kill -9` in the middle of a backlog until mail flows again, and none is missing. */
export async function benchRecovery({ report, isQuick }: PartContext): Promise<void> {
  const amount = isQuick ? 10_000 : 100_000;
  const env = { COURIERX_DATA_DIR: await makeDataDir() };
  const sink = await startHelper('http-sink');
  const first = await startCourierx(env);
  const { accountId, token } = await signUp(first.url);
  await post({ url: first.url, token }, '/provider_connections', connectionTo('http', sink));
  const connection = await findEmbeddedServer(env.COURIERX_DATA_DIR);
  const pool = new pg.Pool({ ...connection, ssl: false, max: 2 });
  progress(`recovery: ${whole(amount)} mails waiting`);
  await seedEmails(pool, { accountId, amount, spread: '1 minute', status: 'queued' });
  await pool.end();
  while ((await sink.ask()).mails < amount / 20) await delay(20);
  process.kill(first.pid, 'SIGKILL');
  await delay(500);
  const { mails: before } = await sink.ask();
  const killedAt = Date.now();
  progress(`recovery: killed with ${whole(amount - before)} left`);
  const second = await startCourierx(env);
  while ((await sink.ask()).mails === before) await delay(5);
  const flowsMs = Date.now() - killedAt;
  const end = await arrival(sink, amount);
  report.add(
    `killed with ${whole(amount - before)} waiting: ready`,
    `${(second.startMs / 1000).toFixed(1)} s`,
  );
  report.add('  first mail after the start', `${(flowsMs / 1000).toFixed(1)} s`);
  report.add(
    '  the rest',
    `${whole((end.mails - before) / ((end.lastAt - killedAt) / 1000))} mails/s`,
  );
  report.add('  missing / copies of mails in flight', `${amount - end.mails} / ${end.copies}`);
  report.faults += amount - end.mails;
  await second.stop();
  await sink.stop();
}
