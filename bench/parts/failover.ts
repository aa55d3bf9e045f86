// How long a mail takes to the second provider when the first fails, in each way it can.
import { setTimeout as delay } from 'node:timers/promises';
import { findClosedPort, startBlackHole } from '../../apps/server/test/fakes/raw-server.ts';
import { post, signUp, type Target } from '../api.ts';
import { startFakeSendGrid, type Answer, type FakeSendGrid } from '../fake-sendgrid.ts';
import { MAIL } from '../load.ts';
import type { PartContext } from '../part.ts';
import { makeDataDir, startCourierx } from '../processes.ts';
import { percentile, progress } from '../report.ts';

/** The server's defaults. */
const LIMIT = { connect: 3_000, firstByte: 15_000 };
/** Mails of one account that may fail at once without opening its breaker. */
const BELOW_BREAKER = 4;

type Way = {
  readonly name: string;
  readonly limitMs: number;
  start(): Promise<{ endpoint: string; close(): Promise<void> }>;
};

const answering = (answer: Answer) => async () => startFakeSendGrid(() => answer);

const WAYS: readonly Way[] = [
  {
    name: 'refusing',
    limitMs: 0,
    start: async () => ({
      endpoint: `http://127.0.0.1:${await findClosedPort()}`,
      close: () => Promise.resolve(),
    }),
  },
  { name: '5xx', limitMs: 0, start: answering(503) },
  { name: '429', limitMs: 0, start: answering(429) },
  {
    name: 'hanging at connect',
    limitMs: LIMIT.connect,
    start: async () => {
      const hole = await startBlackHole();
      return { endpoint: `http://127.0.0.1:${hole.port}`, close: () => hole.close() };
    },
  },
  { name: 'hanging after connect', limitMs: LIMIT.firstByte, start: answering('silence') },
];

const show = (list: readonly number[]) =>
  `${percentile(list, 0.5).toFixed(0)} / ${percentile(list, 0.99).toFixed(0)} ms`;

/** From accept to the second provider's answer, with its breaker closed and open. */
export async function benchFailover({ report, isQuick }: PartContext): Promise<void> {
  const server = await startCourierx({
    COURIERX_DATA_DIR: await makeDataDir(),
    COURIERX_AUTH_RATE_LIMIT_PER_MINUTE: '1000000',
    COURIERX_LOG_LEVEL: 'fatal',
  });
  const backup = await startFakeSendGrid(() => 202);
  const samples = isQuick ? 40 : 200;
  progress('failover: normal');
  const normalTarget = await connect(server.url, [backup.endpoint]);
  await sendOneByOne(normalTarget, backup, 20);
  const normal = await sendOneByOne(normalTarget, backup, samples);
  report.add('failover: normal, no fault p50 / p99', show(normal));
  for (const way of WAYS) {
    progress(`failover: ${way.name}`);
    const primary = await way.start();
    const accounts = await Promise.all(
      Array.from({ length: isQuick ? 5 : 25 }, () =>
        connect(server.url, [primary.endpoint, backup.endpoint]),
      ),
    );
    // One account after the other: what is measured is a mail's way, not a queue before it.
    const sends = accounts.map(async (account, index) => {
      await delay(index * 100);
      const own = Array.from({ length: BELOW_BREAKER }, () => sendOneByOne(account, backup, 1));
      return (await Promise.all(own)).flat();
    });
    const waits = (await Promise.all(sends)).flat();
    report.faults += waits.filter(Number.isNaN).length;
    const p99 = percentile(waits, 0.99);
    const aim = way.limitMs + 1_000;
    report.add(`  ${way.name} p50 / p99`, show(waits), {
      text: `< ${aim} ms`,
      isMet: p99 < aim,
    });
    await openBreaker(accounts[0] as Target, backup);
    const open = await sendOneByOne(accounts[0] as Target, backup, samples);
    const added = percentile(open, 0.99) - percentile(normal, 0.99);
    const isMet = added < 50;
    report.add(`  ${way.name}, breaker open p50 / p99`, show(open), {
      text: 'normal + 50 ms',
      isMet,
    });
    report.faults += open.filter(Number.isNaN).length;
    await primary.close();
  }
  report.faults += backup.copies;
  await server.stop();
  await backup.close();
}

async function connect(url: string, endpoints: readonly string[]): Promise<Target> {
  const { token } = await signUp(url);
  const target = { url, token };
  for (const endpoint of endpoints) {
    const body = { provider: 'sendgrid', api_key: 'SG.bench', endpoint };
    await post(target, '/provider_connections', body);
  }
  return target;
}

/** A mail at a time: from its request to the moment the provider answers, in milliseconds. */
async function sendOneByOne(
  target: Target,
  provider: FakeSendGrid,
  count: number,
): Promise<number[]> {
  const waits: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const startedAt = performance.now();
    const { id } = await post<{ id: string }>(target, '/emails', JSON.parse(MAIL) as object);
    const end = performance.now() + 30_000;
    while (!provider.taken.has(id) && performance.now() < end) await delay(1);
    waits.push((provider.taken.get(id) ?? NaN) - startedAt);
  }
  return waits;
}

/** Mails that meet the fault together, until none does. */
async function openBreaker(target: Target, provider: FakeSendGrid): Promise<void> {
  await Promise.all(Array.from({ length: 8 }, () => sendOneByOne(target, provider, 1)));
  await sendOneByOne(target, provider, 2);
}
