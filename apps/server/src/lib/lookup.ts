import { LRUCache } from 'lru-cache';

/** A read that is kept for a moment. */
export type Lookup<T> = {
  /** Null where there is nothing; that is kept too. Callers who come together share one load. */
  find(key: string): Promise<T | null>;
  /** Nothing read before this call is answered after it. */
  forget(): void;
};

export type LookupOptions<T> = {
  readonly load: (key: string) => Promise<T | null>;
  readonly max: number;
  readonly ttlMs: number;
};

/**
 * Not lru-cache's own `fetch`: there, clearing the cache makes every load under way fail, and with
 * it requests that have nothing to do with the reason.
 */
export function createLookup<T>(options: LookupOptions<T>): Lookup<T> {
  const known = new LRUCache<string, { readonly found: T | null }>({
    max: options.max,
    ttl: options.ttlMs,
  });
  let loading = new Map<string, Promise<T | null>>();

  async function load(key: string, round: Map<string, Promise<T | null>>): Promise<T | null> {
    try {
      const found = await options.load(key);
      if (round === loading) known.set(key, { found });
      return found;
    } finally {
      round.delete(key);
    }
  }

  return {
    async find(key) {
      const entry = known.get(key);
      if (entry) return entry.found;
      const running = loading.get(key);
      if (running) return running;
      const started = load(key, loading);
      loading.set(key, started);
      return started;
    },
    forget() {
      known.clear();
      loading = new Map();
    },
  };
}
