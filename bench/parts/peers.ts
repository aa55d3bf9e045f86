import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { startPostfix } from '../../apps/server/test/support/postfix.ts';
import { arrival } from '../arrival.ts';
import { runLoad } from '../load.ts';
import type { PartContext } from '../part.ts';
import { startRedis } from '../peers/redis.ts';
import { makeDataDir, onCleanUp, startHelper } from '../processes.ts';
import { progress, whole } from '../report.ts';

const run = promisify(execFile);

/** What a user would take instead, with the same mail, load and sinks. */
export async function benchPeers(context: PartContext): Promise<void> {
  for (const fsync of ['everysec', 'always'] as const) {
    if (await isInstalled('redis-server')) await benchBullMq(context, fsync);
    else progress('peers: BullMQ skipped, for want of redis-server (apt-get install redis-server)');
  }
  if (await isInstalled('postfix', 'smtp-source')) await benchPostfix(context);
  else progress('peers: Postfix skipped, for want of it (apt-get install postfix)');
}

async function isInstalled(...programs: readonly string[]): Promise<boolean> {
  const found = programs.map((program) => run('sh', ['-c', `command -v ${program}`]));
  return Promise.all(found).then(
    () => true,
    () => false,
  );
}

async function benchBullMq(
  { report, isQuick }: PartContext,
  fsync: 'always' | 'everysec',
): Promise<void> {
  const amount = isQuick ? 2_000 : 15_000;
  progress(`peers: Fastify, BullMQ, Redis (appendfsync ${fsync}), nodemailer`);
  const redis = await startRedis(fsync);
  const sink = await startHelper('smtp-sink');
  const helper = await startHelper('bullmq', [redis.socket, String(sink.port)]);
  const target = { url: `http://127.0.0.1:${helper.port}`, token: '' };
  await runLoad({ ...target, amount: 1_000 });
  await arrival(sink, 1_000);
  const startedAt = Date.now();
  const load = await runLoad({ ...target, amount });
  const count = await arrival(sink, 1_000 + amount);
  const perSecond = amount / ((count.lastAt - startedAt) / 1000);
  report.add(`BullMQ, fsync ${fsync}: accepts`, `${whole(load.perSecond)} mails/s`);
  report.add('  accept to SMTP provider', `${whole(perSecond)} mails/s`);
  await helper.stop();
  await redis.stop();
  await sink.stop();
}

async function benchPostfix({ report, isQuick }: PartContext): Promise<void> {
  const amount = isQuick ? 2_000 : 10_000;
  progress('peers: smtp-source, Postfix, sink');
  const sink = await startHelper('smtp-sink');
  const postfix = await startPostfix(await makeDataDir(), { relayPort: sink.port });
  onCleanUp(() => postfix.stop());
  const startedAt = Date.now();
  await run('smtp-source', [
    ...['-s', '64', '-l', '1500', '-m', String(amount)],
    ...['-f', 'hello@yourapp.example', '-t', 'user@example.com', `127.0.0.1:${postfix.port}`],
  ]);
  const acceptedMs = Date.now() - startedAt;
  // Its mails carry no id of ours: the sink counts the first, and the rest as copies of it.
  let count = await sink.ask();
  for (let quietSince = Date.now(); Date.now() - quietSince < 10_000;) {
    const next = await sink.ask();
    if (next.mails + next.copies >= amount) {
      count = next;
      break;
    }
    if (next.copies > count.copies) quietSince = Date.now();
    count = next;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const relayed = count.mails + count.copies;
  if (relayed < amount) progress(`peers: Postfix relayed ${relayed} of ${amount}`);
  report.add('Postfix: accepts', `${whole(amount / (acceptedMs / 1000))} mails/s`);
  const seconds = (count.lastAt - startedAt) / 1000;
  report.add('  accept to SMTP provider', `${whole(relayed / seconds)} mails/s`);
  await postfix.stop();
  await sink.stop();
}
