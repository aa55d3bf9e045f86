import { signUp, post } from '../api.ts';
import { connectionTo } from '../arrival.ts';
import { seedEmails, startDatabase } from '../database.ts';
import { measureLatency } from './end-to-end.ts';
import type { PartContext } from '../part.ts';
import { peakMemoryOf, startCourierx, startHelper } from '../processes.ts';
import { median, percentile, progress, whole } from '../report.ts';

/** What a large account's backlog costs a small account, and the process in memory. */
export async function benchNeighbour({ report, isQuick }: PartContext): Promise<void> {
  const amount = isQuick ? 50_000 : 1_000_000;
  const samples = isQuick ? 100 : 400;
  const database = await startDatabase();
  const [largeSink, smallSink] = await Promise.all([
    startHelper('http-sink'),
    startHelper('http-sink'),
  ]);
  const server = await startCourierx(database.env);
  const large = await signUp(server.url);
  const small = await signUp(server.url);
  const { url } = server;
  await post({ url, token: large.token }, '/provider_connections', connectionTo('http', largeSink));
  const target = { url, token: small.token };
  await post(target, '/provider_connections', connectionTo('http', smallSink));
  progress('neighbour: the small account alone');
  await measureLatency(target, { sink: smallSink, samples: 50 });
  const alone = await measureLatency(target, { sink: smallSink, samples });
  progress(`neighbour: ${whole(amount)} mails of a large account`);
  await seedEmails(database.pool, {
    accountId: large.accountId,
    amount,
    spread: '10 minutes',
    status: 'queued',
  });
  await database.pool.query('select pg_notify($1, $2)', ['courierx_queue', '']);
  const beside = await measureLatency(target, { sink: smallSink, samples });
  const memory = peakMemoryOf(server.pid);
  const { mails } = await largeSink.ask();
  const waiting = await database.pool.query<{ n: number }>('select count(*)::int as n from queue');
  const say = (waits: readonly number[]) =>
    `${median(waits).toFixed(0)} / ${percentile(waits, 0.99).toFixed(0)} ms`;
  const ratio = percentile(beside, 0.99) / percentile(alone, 0.99);
  report.add('small account alone, p50 / p99', say(alone));
  report.add(`  with ${whole(amount)} of a neighbour queued`, say(beside));
  report.add('  p99 to p99 alone', ratio.toFixed(2), { text: '≤ 2', isMet: ratio <= 2 });
  report.add('  meanwhile sent of the neighbour', whole(mails));
  report.add(
    `memory at most, with ${whole(waiting.rows[0]?.n ?? 0)} queued`,
    `${memory.toFixed(0)} MB`,
    {
      text: '< 300 MB',
      isMet: memory < 300,
    },
  );
  await server.stop();
  await Promise.all([largeSink.stop(), smallSink.stop()]);
  await database.stop();
}
