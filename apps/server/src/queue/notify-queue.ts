import type pg from 'pg';
import type { Logger } from 'pino';
import { queueChannel } from './channels.ts';

const MIN_GAP_MS = 20;

export type Notifier = { notify(): void; close(): void };

/**
 * Tells the workers of other processes that mail is due: at once, then at most every 20 ms, since
 * PostgreSQL commits notifying transactions one after the other.
 */
export function notifyQueue(pool: pg.Pool, log: Logger): Notifier {
  let timer: NodeJS.Timeout | null = null;
  let isAgain = false;

  function send(): void {
    pool.query('select pg_notify($1, $2)', [queueChannel, '']).catch((error: unknown) => {
      log.debug({ err: error }, 'workers not notified; they find the mail by polling');
    });
    timer = setTimeout(() => {
      timer = null;
      if (isAgain) send();
      isAgain = false;
    }, MIN_GAP_MS);
  }

  return {
    notify() {
      if (timer) isAgain = true;
      else send();
    },
    close() {
      if (timer) clearTimeout(timer);
    },
  };
}
