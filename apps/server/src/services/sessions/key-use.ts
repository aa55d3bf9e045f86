import type { Database } from '../../db/database.ts';
import type { Principal } from '../context.ts';

const FLUSH_MS = 1_000;
/** A key in constant use is written down once in this time. */
const RESOLUTION_MS = 60_000;

/** Notes when API keys were used, apart from the requests that use them. */
export class KeyUseRecorder {
  readonly #database: Database;
  readonly #written = new Map<string, number>();
  #pending = new Map<string, string>();
  #timer: NodeJS.Timeout | null = null;

  constructor(database: Database) {
    this.#database = database;
  }

  record({ accountId, apiKeyId }: Principal): void {
    if (apiKeyId === null) return;
    if (performance.now() - (this.#written.get(apiKeyId) ?? -RESOLUTION_MS) < RESOLUTION_MS) return;
    this.#written.set(apiKeyId, performance.now());
    this.#pending.set(apiKeyId, accountId);
    this.#timer ??= setTimeout(() => void this.#flush(), FLUSH_MS);
  }

  async close(): Promise<void> {
    await this.#flush();
  }

  async #flush(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const pending = this.#pending;
    if (pending.size === 0) return;
    this.#pending = new Map();
    if (this.#written.size > 100_000) this.#written.clear();
    try {
      await this.#database.pool.query(
        `update api_keys set last_used_at = now()
         from unnest($1::uuid[], $2::uuid[]) as used(account_id, id)
         where api_keys.account_id = used.account_id and api_keys.id = used.id`,
        [[...pending.values()], [...pending.keys()]],
      );
    } catch {
      // The database is away: the next use of the key tells it again.
      for (const id of pending.keys()) this.#written.delete(id);
    }
  }
}
