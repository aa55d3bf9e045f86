import pg from 'pg';
import type { Logger } from 'pino';
import type { Database } from '../db/database.ts';
import { queueChannel, wakeChannel, webhooksChannel } from '../queue/channels.ts';
import { WAKE_STEP, wakeStep } from '../queue/wake-waiting.ts';

const RECONNECT_MS = 1_000;

export type WorkListener = { close(): Promise<void> };

/**
 * Listens for NOTIFY on a connection of its own. It only saves time: whoever misses a call finds
 * the mail at the next poll, so a lost connection is just made again.
 */
export function listenForWork(options: {
  database: Database;
  log: Logger;
  wake: () => void;
  onWebhooksDue?: () => void;
}): WorkListener {
  const { database, log, wake, onWebhooksDue } = options;
  let client: pg.Client | null = null;
  let isClosed = false;
  let timer: NodeJS.Timeout | null = null;

  function reconnect(): void {
    client = null;
    if (isClosed || timer) return;
    timer = setTimeout(() => {
      timer = null;
      void connect();
    }, RECONNECT_MS);
  }

  async function connect(): Promise<void> {
    const next = new pg.Client({ ...database.connection, application_name: 'courierx-listen' });
    client = next;
    next.on('error', (error) => log.warn({ err: error }, 'lost the wake-up connection'));
    next.on('end', reconnect);
    next.on('notification', ({ channel, payload }) => {
      if (channel === webhooksChannel) return onWebhooksDue?.();
      if (channel === wakeChannel && payload) void wakeAccount(payload);
      wake();
    });
    try {
      await next.connect();
      await next.query(`listen ${queueChannel}`);
      await next.query(`listen ${wakeChannel}`);
      if (onWebhooksDue) await next.query(`listen ${webhooksChannel}`);
      wake();
    } catch (error) {
      log.warn({ err: error }, 'no wake-up connection; mail is found by polling');
      await next.end().catch(() => undefined);
      reconnect();
    }
  }

  async function wakeAccount(accountId: string): Promise<void> {
    try {
      while ((await wakeStep(database.pool, accountId)) === WAKE_STEP) wake();
    } catch (error) {
      log.warn({ err: error, accountId }, 'waiting mail not brought forward; it comes by itself');
    }
    wake();
  }

  void connect();
  return {
    async close() {
      isClosed = true;
      if (timer) clearTimeout(timer);
      await client?.end().catch(() => undefined);
    },
  };
}
