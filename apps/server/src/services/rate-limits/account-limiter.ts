import type { Database } from '../../db/database.ts';

/** What is left of a limit, as the response headers tell it. */
export type LimitState = {
  readonly limit: number;
  readonly remaining: number;
  readonly resetAt: Date;
  readonly isExceeded: boolean;
};

const WINDOW_MS = 60_000;
const FLUSH_MS = 200;

type Counter = { windowStart: number; known: number; unflushed: number };

/**
 * Counts each account's requests a minute over all nodes. Counts are gathered here and added up in
 * the database five times a second, so the limit may be passed by what the other nodes took in that
 * time; a query a request would cost more than the requests. With the database away the limit does
 * not hold anyone up.
 */
export class AccountLimiter {
  readonly #database: Database;
  readonly #defaultLimit: number;
  readonly #now: () => Date;
  readonly #counters = new Map<string, Counter>();
  #timer: NodeJS.Timeout | null = null;
  #flushing: Promise<void> = Promise.resolve();

  constructor(options: { database: Database; defaultLimit: number; now: () => Date }) {
    this.#database = options.database;
    this.#defaultLimit = options.defaultLimit;
    this.#now = options.now;
  }

  /** Counts one request of the account. */
  take(accountId: string, ownLimit: number | null): LimitState {
    const limit = ownLimit ?? this.#defaultLimit;
    const windowStart = Math.floor(this.#now().getTime() / WINDOW_MS) * WINDOW_MS;
    let counter = this.#counters.get(accountId);
    if (counter?.windowStart !== windowStart) {
      counter = { windowStart, known: 0, unflushed: 0 };
      this.#counters.set(accountId, counter);
    }
    const used = counter.known + counter.unflushed;
    const isExceeded = used >= limit;
    if (!isExceeded) {
      counter.unflushed += 1;
      this.#timer ??= setTimeout(() => void this.flush(), FLUSH_MS);
    }
    return {
      limit,
      remaining: Math.max(0, limit - used - 1),
      resetAt: new Date(windowStart + WINDOW_MS),
      isExceeded,
    };
  }

  /** Adds up what is not added up yet, and waits for it. */
  flush(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    // One after the other: a slow one must not be overtaken, or its counts are added twice.
    this.#flushing = this.#flushing.then(() => this.#flush());
    return this.#flushing;
  }

  /** Call before the database is closed. */
  close(): Promise<void> {
    return this.flush();
  }

  async #flush(): Promise<void> {
    const batch = [...this.#counters]
      .map(([accountId, counter]) => ({ accountId, counter, count: counter.unflushed }))
      .filter(({ count }) => count > 0);
    this.#dropOldWindows();
    if (batch.length === 0) return;
    try {
      const result = await this.#database.pool.query<{ key: string; count: number }>(
        // In one order on every node, so that two of them never wait for each other.
        `insert into rate_limits (key, window_start, count)
         select * from unnest($1::text[], $2::timestamptz[], $3::int[])
         order by 1
         on conflict (key, window_start) do update set count = rate_limits.count + excluded.count
         returning key, count`,
        [
          batch.map(({ accountId }) => accountId),
          batch.map(({ counter }) => new Date(counter.windowStart)),
          batch.map(({ count }) => count),
        ],
      );
      const totals = new Map(result.rows.map((row) => [row.key, row.count]));
      for (const { accountId, counter, count } of batch) {
        counter.unflushed -= count;
        counter.known = totals.get(accountId) ?? counter.known + count;
      }
    } catch {
      // Away: the counts stay here and are added with the next flush.
    }
  }

  #dropOldWindows(): void {
    const current = Math.floor(this.#now().getTime() / WINDOW_MS) * WINDOW_MS;
    for (const [accountId, counter] of this.#counters) {
      if (counter.windowStart < current) this.#counters.delete(accountId);
    }
  }
}
