// How long a mail takes to the second provider when the first fails, in each way it can.
import { setTimeout as delay } from 'node:timers/promises';
import { findClosedPort, startBlackHole } from '../apps/server/test/fakes/raw-server.ts';
import { post, signUp, type Target } from './api.ts';
import { startFakeSendGrid, type Answer, type FakeSendGrid } from './fake-sendgrid.ts';
import { MAIL } from './load.ts';
import { makeDataDir, startCourierx } from './processes.ts';

export type FailoverOptions = {
  readonly isQuick: boolean;
  readonly add: (name: string, value: string, aim?: [text: string, isMet: boolean]) => void;
  readonly progress: (line: string) => void;
};

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

const sorted = (list: readonly number[]) => list.toSorted((a, b) => a - b);
const at = (list: readonly number[], share: number) =>
  sorted(list)[Math.min(list.length - 1, Math.floor(list.length * share))] ?? NaN;
const show = (list: readonly number[]) =>
  `${at(list, 0.5).toFixed(0)} / ${at(list, 0.99).toFixed(0)} ms`;

/** Returns mails that did not arrive, or arrived twice at one provider. */
export async function benchFailover(options: FailoverOptions): Promise<number> {
  const { add, progress, isQuick } = options;
  const server = await startCourierx({
    COURIERX_DATA_DIR: await makeDataDir(),
    COURIERX_AUTH_RATE_LIMIT_PER_MINUTE: '1000000',
    COURIERX_LOG_LEVEL: 'fatal',
  });
  const backup = await startFakeSendGrid(() => 202);
  const samples = isQuick ? 40 : 200;
  let faults = 0;
  progress('failover: normal');
  const normalTarget = await connect(server.url, [backup.endpoint]);
  await sendOneByOne(normalTarget, backup, 20);
  const normal = await sendOneByOne(normalTarget, backup, samples);
  add('failover: normal, no fault p50 / p99', show(normal));
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
    faults += waits.filter(Number.isNaN).length;
    const p99 = at(waits, 0.99);
    const aim = way.limitMs + 1_000;
    add(`  ${way.name} p50 / p99`, show(waits), [`< ${aim} ms`, p99 < aim]);
    await openBreaker(accounts[0] as Target, backup);
    const open = await sendOneByOne(accounts[0] as Target, backup, samples);
    const added = at(open, 0.99) - at(normal, 0.99);
    const isMet = added < 50;
    add(`  ${way.name}, breaker open p50 / p99`, show(open), ['normal + 50 ms', isMet]);
    faults += open.filter(Number.isNaN).length;
    await primary.close();
  }
  faults += backup.copies;
  await server.stop();
  await backup.close();
  return faults;
}

async function connect(url: string, endpoints: readonly string[]): Promise<Target> {
  const target = { url, token: await signUp(url) };
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
