import { LRUCache } from 'lru-cache';
import type { RoutableConnection } from './connections.ts';

/** Why and until when a connection takes no mail, or none for a receiver. */
export type Pause = {
  readonly until: Date;
  readonly reason: string;
  /** Our guess from what became of other mails, not the provider's word. */
  readonly isDoubt: boolean;
};

/** The connection as planning is to see it. */
export function withPause(connection: RoutableConnection, pause: Pause | null): RoutableConnection {
  if (pause === null) return connection;
  return { ...connection, pausedUntil: pause.until, pauseReason: pause.reason };
}

export type PauseKey = { readonly connection: RoutableConnection; readonly receiver: string };

/** What one process found out is in the database by then, and read with the next mails. */
const UNTIL_LOADED_MS = 5_000;

/** What this process knows of connections better than the rows it loaded a moment ago. */
export class LocalPauses {
  readonly #pauses = new LRUCache<string, { untilMs: number; reason: string; isDoubt: boolean }>({
    max: 20_000,
  });

  set(
    key: PauseKey,
    { ms, reason, isDoubt }: { ms: number; reason: string; isDoubt: boolean },
  ): void {
    const untilMs = performance.now() + Math.min(ms, UNTIL_LOADED_MS);
    this.#pauses.set(toText(key), { untilMs, reason, isDoubt });
  }

  has(key: PauseKey): boolean {
    return this.get(key, new Date(0)) !== null;
  }

  get(key: PauseKey, now: Date): Pause | null {
    if (this.#pauses.size === 0) return null;
    const pause = this.#pauses.get(toText(key));
    const leftMs = (pause?.untilMs ?? 0) - performance.now();
    if (!pause || leftMs <= 0) return null;
    const { reason, isDoubt } = pause;
    return { until: new Date(now.getTime() + leftMs), reason, isDoubt };
  }

  delete(key: PauseKey): void {
    this.#pauses.delete(toText(key));
  }
}

/** New credentials are a new connection, as far as health goes. */
export function toText({ connection, receiver }: PauseKey): string {
  return `${connection.id}:${connection.version}:${receiver}`;
}
