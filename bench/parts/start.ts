import { setTimeout as delay } from 'node:timers/promises';
import type { PartContext } from '../part.ts';
import { makeDataDir, memoryOf, startCourierx } from '../processes.ts';
import { median, progress } from '../report.ts';

/** How long a start takes, and what the process needs at rest. */
export async function benchStart({ report, isQuick }: PartContext): Promise<void> {
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
    await delay(isQuick ? 1_000 : 5_000);
    memory = memoryOf(server.pid);
    await server.stop();
  }
  const seconds = median(warm) / 1000;
  report.add('start with a new data dir', `${(cold.startMs / 1000).toFixed(1)} s`);
  report.add('start with an existing data dir', `${seconds.toFixed(1)} s`, {
    text: '< 5 s',
    isMet: seconds < 5,
  });
  report.add('memory of the Node process at rest', `${memory.toFixed(0)} MB`, {
    text: '< 200 MB',
    isMet: memory < 200,
  });
}
