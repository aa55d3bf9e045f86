import { signUp } from '../api.ts';
import { runLoad, type LoadResult } from '../load.ts';
import type { PartContext } from '../part.ts';
import { cpuSecondsOf, makeDataDir, startCourierx, startHelper } from '../processes.ts';
import { median, progress, whole } from '../report.ts';

/** Accepting alone, beside the floor, in turns, so that a noisy machine is noisy to both. */
export async function benchAccept({ report, isQuick }: PartContext): Promise<void> {
  const [rounds, seconds] = isQuick ? [2, 2] : [11, 2];
  const floor = await startHelper('floor', [await makeDataDir()]);
  const server = await startCourierx({
    COURIERX_DATA_DIR: await makeDataDir(),
    COURIERX_ROLE: 'api',
  });
  const { token } = await signUp(server.url);
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
    report.faults += own.not202 + base.not202;
  }
  const rate = (list: readonly LoadResult[]) => median(list.map(({ perSecond }) => perSecond));
  // Of neighbours in time: a burst of other machines' load is then in both.
  const ratio = median(
    results.accept.map(
      ({ perSecond }, round) => perSecond / (results.floor[round]?.perSecond ?? 0),
    ),
  );
  const p99 = median(results.accept.map(({ p99Ms }) => p99Ms));
  const p50 = median(results.accept.map(({ p50Ms }) => p50Ms));
  report.add('accepted, 64 connections, 1.5 KB', `${whole(rate(results.accept))} mails/s`);
  report.add('  latency p50 / p99', `${p50} / ${p99} ms`);
  report.add('  CPU of the server process', `${cpu.toFixed(2)} cores`);
  report.add('floor: the same rows, bare Fastify', `${whole(rate(results.floor))} mails/s`);
  report.add('accepted to floor', ratio.toFixed(2), { text: '≥ 0.60', isMet: ratio >= 0.6 });
  await Promise.all([floor.stop(), server.stop()]);
}
