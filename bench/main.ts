// Figures for this machine: `npm run bench [-- --quick] [--json] [--only a,b]`; the parts are below.
import { parseArgs } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import { post, signUp } from './api.ts';
import { benchFailover } from './failover.ts';
import { runLoad, MAIL, type LoadResult } from './load.ts';
import { benchPacing } from './pacing.ts';
import {
  cleanUp,
  cpuSecondsOf,
  makeDataDir,
  memoryOf,
  startCourierx,
  startHelper,
  type Helper,
  type Running,
} from './processes.ts';

type Figure = { name: string; value: string; aim: string; isMet: boolean };

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: 'start,accept,e2e-smtp,e2e-http,failover,pacing' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const parts = options.only.split(',');
const figures: Figure[] = [];
let faults = 0;

const progress = (line: string) => process.stderr.write(`${line}\n`);
const median = (list: readonly number[]) => list.toSorted((a, b) => a - b)[list.length >> 1] ?? 0;
const whole = (value: number) => Math.round(value).toLocaleString('en');

process.on('SIGINT', () => void cleanUp().then(() => process.exit(130)));

/** Accepting alone, beside the floor, in turns, so that a noisy machine is noisy to both. */
async function benchAccept(): Promise<void> {
  const [rounds, seconds] = options.quick ? [2, 2] : [3, 6];
  const floor = await startHelper('floor', [await makeDataDir()]);
  const server = await startCourierx({
    COURIERX_DATA_DIR: await makeDataDir(),
    COURIERX_ROLE: 'api',
  });
  const token = await signUp(server.url);
  const floorUrl = `http://127.0.0.1:${floor.port}`;
  const results: { floor: LoadResult[]; accept: LoadResult[] } = { floor: [], accept: [] };
  let cpu = 0;
  for (let round = 0; round <= rounds; round += 1) {
    const isWarmUp = round === 0;
    progress(isWarmUp ? 'accept: warming up' : `accept: round ${round} of ${rounds}`);
    const base = await runLoad({ url: floorUrl, token, seconds: isWarmUp ? 2 : seconds });
    const before = cpuSecondsOf(server.pid);
    const own = await runLoad({ url: server.url, token, seconds: isWarmUp ? 2 : seconds });
    if (isWarmUp) continue;
    cpu = (cpuSecondsOf(server.pid) - before) / seconds;
    results.floor.push(base);
    results.accept.push(own);
    faults += own.not202 + base.not202;
  }
  const rate = (list: readonly LoadResult[]) => median(list.map(({ perSecond }) => perSecond));
  const ratio = rate(results.accept) / rate(results.floor);
  const p99 = median(results.accept.map(({ p99Ms }) => p99Ms));
  const p50 = median(results.accept.map(({ p50Ms }) => p50Ms));
  add('accepted, 64 connections, 1.5 KB', `${whole(rate(results.accept))} mails/s`);
  add('  latency p50 / p99', `${p50} / ${p99} ms`);
  add('  CPU of the server process', `${cpu.toFixed(2)} cores`);
  add('floor: the same rows, bare Fastify', `${whole(rate(results.floor))} mails/s`);
  add('accepted to floor', ratio.toFixed(2), ['≥ 0.50', ratio >= 0.5]);
  await Promise.all([floor.stop(), server.stop()]);
}

async function benchEndToEnd(name: 'smtp' | 'http'): Promise<void> {
  const amount = options.quick ? 2_000 : 15_000;
  const sink = await startHelper(`${name}-sink`);
  const server = await startCourierx({ COURIERX_DATA_DIR: await makeDataDir() });
  const token = await signUp(server.url);
  await post({ url: server.url, token }, '/provider_connections', connectionTo(name, sink));
  progress(`e2e ${name}: warming up`);
  await runLoad({ url: server.url, token, amount: 1_000 });
  await arrival(sink, 1_000);
  progress(`e2e ${name}: ${amount} mails`);
  const startedAt = Date.now();
  const before = cpuSecondsOf(server.pid);
  const load = await runLoad({ url: server.url, token, amount });
  const count = await arrival(sink, 1_000 + amount);
  const seconds = (count.lastAt - startedAt) / 1000;
  const cpu = (cpuSecondsOf(server.pid) - before) / seconds;
  faults += load.not202 + count.copies + Math.max(0, 1_000 + amount - count.mails);
  const perSecond = amount / seconds;
  add(`accept to ${name} provider`, `${whole(perSecond)} mails/s`, ['≥ 1,500', perSecond >= 1_500]);
  add('  CPU of the server process', `${cpu.toFixed(2)} cores`);
  const latencies = await measureLatency(server, token, sink);
  add('  one mail, accept to sink p50 / p99', latencies);
  await Promise.all([sink.stop(), server.stop()]);
}

function connectionTo(name: 'smtp' | 'http', { port }: Helper): object {
  return name === 'smtp'
    ? { provider: 'smtp', smtp_host: '127.0.0.1', smtp_port: port, smtp_tls: 'none' }
    : { provider: 'sendgrid', api_key: 'SG.bench', endpoint: `http://127.0.0.1:${port}` };
}

/** Waits until the sink has so many mails, or gets none for 30 seconds. */
async function arrival(sink: Helper, mails: number) {
  let count = await sink.ask();
  let quietSince = Date.now();
  while (count.mails < mails && Date.now() - quietSince < 30_000) {
    await delay(20);
    const next = await sink.ask();
    if (next.mails > count.mails) quietSince = Date.now();
    count = next;
  }
  return count;
}

async function measureLatency(server: Running, token: string, sink: Helper): Promise<string> {
  const waits: number[] = [];
  const samples = options.quick ? 20 : 100;
  for (let index = 0; index < samples; index += 1) {
    const { mails } = await sink.ask();
    const startedAt = performance.now();
    await post({ url: server.url, token }, '/emails', JSON.parse(MAIL) as object);
    while ((await sink.ask()).mails === mails) await delay(1);
    waits.push(performance.now() - startedAt);
  }
  const sorted = waits.toSorted((a, b) => a - b);
  const p99 = sorted[Math.floor(sorted.length * 0.99)] ?? 0;
  return `${median(waits).toFixed(0)} / ${p99.toFixed(0)} ms`;
}

async function benchStart(): Promise<void> {
  progress('start: making a data directory');
  const env = { COURIERX_DATA_DIR: await makeDataDir() };
  const cold = await startCourierx(env);
  await cold.stop();
  const warm: number[] = [];
  let memory = 0;
  for (let round = 0; round < 3; round += 1) {
    progress(`start: round ${round + 1} of 3`);
    const server = await startCourierx(env);
    warm.push(server.startMs);
    await delay(options.quick ? 1_000 : 5_000);
    memory = memoryOf(server.pid);
    await server.stop();
  }
  const seconds = median(warm) / 1000;
  add('start with a new data dir', `${(cold.startMs / 1000).toFixed(1)} s`);
  add('start with an existing data dir', `${seconds.toFixed(1)} s`, ['< 5 s', seconds < 5]);
  add('memory of the Node process at rest', `${memory.toFixed(0)} MB`, ['< 200 MB', memory < 200]);
}

/** `aim`: what it is to be, and whether it is. */
function add(name: string, value: string, aim: [text: string, isMet: boolean] = ['', true]): void {
  figures.push({ name, value, aim: aim[0], isMet: aim[1] });
  progress(`  ${name}: ${value}`);
}

function print(): void {
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ figures, faults })}\n`);
    return;
  }
  const width = Math.max(...figures.map(({ name }) => name.length));
  process.stdout.write('\n');
  for (const { name, value, aim, isMet } of figures) {
    const verdict = aim === '' ? '' : `aim ${aim}${isMet ? '' : '  MISSED'}`;
    process.stdout.write(`${name.padEnd(width)}  ${value.padStart(16)}  ${verdict}\n`);
  }
  process.stdout.write(`\nmails refused, lost or doubled: ${faults}\n`);
}

try {
  if (parts.includes('start')) await benchStart();
  if (parts.includes('accept')) await benchAccept();
  if (parts.includes('e2e-smtp')) await benchEndToEnd('smtp');
  if (parts.includes('e2e-http')) await benchEndToEnd('http');
  const measure = { isQuick: options.quick, add, progress };
  if (parts.includes('failover')) faults += await benchFailover(measure);
  if (parts.includes('pacing')) faults += await benchPacing(measure);
  print();
  process.exitCode = faults > 0 ? 1 : 0;
} finally {
  await cleanUp();
}
