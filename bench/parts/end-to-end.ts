import { setTimeout as delay } from 'node:timers/promises';
import { post, signUp, type Target } from '../api.ts';
import { arrival, connectionTo } from '../arrival.ts';
import { MAIL, runLoad } from '../load.ts';
import type { PartContext } from '../part.ts';
import {
  cpuSecondsOf,
  makeDataDir,
  startCourierx,
  startHelper,
  type Helper,
} from '../processes.ts';
import { median, percentile, progress, whole } from '../report.ts';

/** From the call to the provider's own ledger, accepting and sending at once. */
export const benchEndToEnd = (name: 'smtp' | 'http') => (context: PartContext) =>
  measure(name, context);

async function measure(name: 'smtp' | 'http', { report, isQuick }: PartContext): Promise<void> {
  const amount = isQuick ? 2_000 : 15_000;
  const sink = await startHelper(`${name}-sink`);
  const server = await startCourierx({ COURIERX_DATA_DIR: await makeDataDir() });
  const { token } = await signUp(server.url);
  const target = { url: server.url, token };
  await post(target, '/provider_connections', connectionTo(name, sink));
  progress(`e2e ${name}: warming up`);
  await runLoad({ ...target, amount: 1_000 });
  await arrival(sink, 1_000);
  progress(`e2e ${name}: ${amount} mails`);
  const startedAt = Date.now();
  const before = cpuSecondsOf(server.pid);
  const load = await runLoad({ ...target, amount });
  const count = await arrival(sink, 1_000 + amount);
  const seconds = (count.lastAt - startedAt) / 1000;
  const cpu = (cpuSecondsOf(server.pid) - before) / seconds;
  report.faults += load.not202 + count.copies + Math.max(0, 1_000 + amount - count.mails);
  const perSecond = amount / seconds;
  report.add(`accept to ${name} provider`, `${whole(perSecond)} mails/s`, {
    text: '≥ 1,500',
    isMet: perSecond >= 1_500,
  });
  report.add('  CPU of the server process', `${cpu.toFixed(2)} cores`);
  const waits = await measureLatency(target, { sink, samples: isQuick ? 20 : 100 });
  report.add(
    '  one mail, accept to sink p50 / p99',
    `${median(waits).toFixed(0)} / ${percentile(waits, 0.99).toFixed(0)} ms`,
  );
  await Promise.all([sink.stop(), server.stop()]);
}

/** Milliseconds from a call until the sink has that mail, one mail after the other. */
export async function measureLatency(
  target: Target,
  { sink, samples }: { sink: Helper; samples: number },
): Promise<number[]> {
  const waits: number[] = [];
  for (let index = 0; index < samples; index += 1) {
    const { mails } = await sink.ask();
    const startedAt = performance.now();
    await post(target, '/emails', JSON.parse(MAIL) as object);
    while ((await sink.ask()).mails === mails) await delay(1);
    waits.push(performance.now() - startedAt);
  }
  return waits;
}
