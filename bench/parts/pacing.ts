// A provider that takes so many mails a second and refuses the rest, used by two workers.
import { setTimeout as delay } from 'node:timers/promises';
import { randomBytes } from 'node:crypto';
import { startEmbeddedServer } from '../../apps/server/src/db/embedded/server.ts';
import { post, signUp } from '../api.ts';
import { startFakeSendGrid } from '../fake-sendgrid.ts';
import { runLoad } from '../load.ts';
import type { PartContext } from '../part.ts';
import { makeDataDir, startCourierx, startWorker } from '../processes.ts';
import { progress, whole } from '../report.ts';

const PER_SECOND = 14;

/** Whether the provider's whole rate is used, and no mail fails for it. */
export async function benchPacing({ report, isQuick }: PartContext): Promise<void> {
  const amount = isQuick ? 300 : 2_000;
  const database = await startEmbeddedServer({ dataDir: await makeDataDir() });
  const { host, port, user, database: name } = database.connection;
  const env = {
    DATABASE_URL: `postgres://${user}@/${name}?host=${encodeURIComponent(host)}&port=${port}`,
    COURIERX_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    COURIERX_JWT_SECRET: randomBytes(32).toString('base64'),
    COURIERX_LOG_LEVEL: 'fatal',
  };
  const api = await startCourierx({ ...env, COURIERX_ROLE: 'api' });
  const workers = [await startWorker(env), await startWorker(env)];
  const times: number[] = [];
  let refused = 0;
  const provider = await startFakeSendGrid(() => {
    const now = performance.now();
    while (times[0] !== undefined && times[0] <= now - 1_000) times.shift();
    if (times.length >= PER_SECOND) {
      refused += 1;
      return 429;
    }
    times.push(now);
    return 202;
  });
  const { token } = await signUp(api.url);
  await post({ url: api.url, token }, '/provider_connections', {
    ...{ provider: 'sendgrid', api_key: 'SG.bench', endpoint: provider.endpoint },
    max_per_second: PER_SECOND,
  });
  progress(`pacing: ${amount} mails at ${PER_SECOND} a second`);
  await runLoad({ url: api.url, token, amount });
  const end = performance.now() + (amount / PER_SECOND) * 2_000;
  while (provider.taken.size < amount && performance.now() < end) await delay(50);
  const arrivals = [...provider.taken.values()];
  const first = arrivals[0] ?? 0;
  const seconds = ((arrivals.at(-1) ?? 0) - first) / 1000;
  const rate = (arrivals.length - 1) / seconds;
  const failed = await countFailed(api.url, token);
  report.add(`paced to ${PER_SECOND}/s, two workers`, `${rate.toFixed(1)} mails/s`, {
    text: `≥ ${(PER_SECOND * 0.9).toFixed(1)}`,
    isMet: rate >= PER_SECOND * 0.9,
  });
  report.add('  refused by the provider and sent later', whole(refused));
  for (const running of [...workers, api]) await running.stop();
  await provider.close();
  await database.stop();
  report.faults += amount - provider.taken.size + provider.copies + failed;
}

async function countFailed(url: string, token: string): Promise<number> {
  const response = await fetch(`${url}/api/v1/emails?status=failed`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return Number(response.headers.get('x-total-count'));
}
