import { setTimeout as delay } from 'node:timers/promises';
import type { Helper, SinkCount } from './processes.ts';

/** Waits until the sink has so many mails, or gets none for 30 seconds. */
export async function arrival(sink: Helper, mails: number): Promise<SinkCount> {
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

/** The connection that leads to a sink. */
export function connectionTo(name: 'smtp' | 'http', { port }: Helper): object {
  return name === 'smtp'
    ? { provider: 'smtp', smtp_host: '127.0.0.1', smtp_port: port, smtp_tls: 'none' }
    : { provider: 'sendgrid', api_key: 'SG.bench', endpoint: `http://127.0.0.1:${port}` };
}
