import { setTimeout as delay } from 'node:timers/promises';
import { startReceiver } from '../../apps/server/test/fakes/webhook-receiver.ts';
import { post, signUp } from '../api.ts';
import { connectionTo } from '../arrival.ts';
import { runLoad } from '../load.ts';
import type { PartContext } from '../part.ts';
import { makeDataDir, startCourierx, startHelper } from '../processes.ts';
import { progress, whole } from '../report.ts';

const ENDPOINTS = 10;

/** Events told to ten endpoints, with all of them well and with one that never answers. */
export async function benchWebhooks({ report, isQuick }: PartContext): Promise<void> {
  const mails = isQuick ? 200 : 2_000;
  const rates: number[] = [];
  for (const dead of [0, 1]) {
    const sink = await startHelper('http-sink');
    const server = await startCourierx({ COURIERX_DATA_DIR: await makeDataDir() });
    const { token } = await signUp(server.url);
    const target = { url: server.url, token };
    await post(target, '/provider_connections', connectionTo('http', sink));
    const receivers = await Promise.all(
      Array.from({ length: ENDPOINTS }, (_, index) =>
        startReceiver((response) => {
          if (index >= dead) response.writeHead(204).end();
        }),
      ),
    );
    for (const { url } of receivers) await post(target, '/webhook_endpoints', { url });
    progress(`webhooks: ${whole(mails)} mails, ${dead} of ${ENDPOINTS} endpoints dead`);
    const alive = receivers.slice(dead);
    const startedAt = performance.now();
    await runLoad({ ...target, amount: mails });
    const toldTo = ({ received }: (typeof receivers)[number]) =>
      new Set(received.map(({ id }) => id)).size;
    const isTold = () => alive.every((receiver) => toldTo(receiver) >= mails);
    const end = performance.now() + 300_000;
    while (!isTold() && performance.now() < end) await delay(20);
    const lastAt = Math.max(...alive.map(({ received }) => received.at(-1)?.at ?? NaN));
    const told = alive.reduce((sum, receiver) => sum + toldTo(receiver), 0);
    report.faults += alive.length * mails - told;
    const perSecond = told / ((lastAt - startedAt) / 1000);
    rates.push(perSecond / alive.length);
    report.add(`webhooks to ${alive.length} of ${ENDPOINTS} endpoints`, `${whole(perSecond)}/s`);
    await server.stop();
    await Promise.all(receivers.map((receiver) => receiver.close()));
    await sink.stop();
  }
  const [well = 0, beside = 0] = rates;
  const ratio = beside / well;
  report.add('  an endpoint beside a dead one, to none', ratio.toFixed(2), {
    text: '≥ 0.80',
    isMet: ratio >= 0.8,
  });
}
