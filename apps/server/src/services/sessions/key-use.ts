import type { Database } from '../../db/database.ts';
import type { Principal } from '../context.ts';

const FLUSH_MS = 1_000;
/** A key in constant use is written down once in this time. */
const RESOLUTION_MS = 60_000;
/** Keys remembered; forgetting one costs a write. */
const MAX_KNOWN = 100_000;

/** Notes when API keys were used, apart from the requests that use them. */
export class KeyUseRecorder {
  readonly #database: Database;
  readonly #written = new Map<string, number>();
  #pending = new Map<string, string>();
  #timer: NodeJS.Timeout | null = null;
  #flushing: Promise<void> = Promise.resolve();

  constructor(database: Database) {
    this.#database = database;
  }

  record({ accountId, apiKeyId }: Principal): void {
    if (apiKeyId === null) return;
    if (performance.now() - (this.#written.get(apiKeyId) ?? -RESOLUTION_MS) < RESOLUTION_MS) return;
    this.#written.set(apiKeyId, performance.now());
    this.#pending.set(apiKeyId, accountId);
    this.#timer ??= setTimeout(() => void this.flush(), FLUSH_MS);
  }

  /** Writes what is not written yet, and waits for what is being written. */
  flush(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#flushing = this.#flushing.then(() => this.#flush());
    return this.#flushing;
  }

  async #flush(): Promise<void> {
    const pending = this.#pending;
    if (pending.size === 0) return;
    this.#pending = new Map();
    if (this.#written.size > MAX_KNOWN) this.#written.clear();
    try {
      await this.#database.pool.query(
        `with used as (
           select api_keys.ctid from api_keys
           join unnest($1::uuid[], $2::uuid[]) as used(account_id, id) using (account_id, id)
           order by id for update of api_keys)
         update api_keys set last_used_at = now() where ctid = any(array(select ctid from used))`,
        [[...pending.values()], [...pending.keys()]],
      );
    } catch {
      // The database is away: the next use of the key tells it again.
      for (const id of pending.keys()) this.#written.delete(id);
    }
  }
}
