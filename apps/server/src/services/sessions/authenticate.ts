import { sql } from 'kysely';
import { LRUCache } from 'lru-cache';
import { sha256 } from '../../lib/crypto.ts';
import { isId } from '../../lib/ids.ts';
import type { Principal, ServiceDeps } from '../context.ts';
import { unauthorized } from '../service-error.ts';
import { KeyUseRecorder } from './key-use.ts';
import { readSession } from './tokens.ts';

/** Who calls, with what is needed to hold them to their limit. */
export type Caller = {
  readonly principal: Principal;
  /** Null: the server's default. */
  readonly rateLimitPerMinute: number | null;
};

/** A key revoked, or a session ended, on another node is refused here after at most this. */
const CACHE_MS = 1_000;
const API_KEY = /^cxk_(live|test)_[A-Za-z0-9_-]{43}$/;
const BEARER = /^Bearer +(\S+)$/i;

type KnownKey = Caller & { readonly expiresAt: Date | null };
type KnownAccount = {
  readonly sessionVersion: number;
  readonly rateLimitPerMinute: number | null;
  readonly endedSessions: readonly string[];
};
/** lru-cache keeps no nulls. */
type Cached<T> = { readonly found: T | null };

/** Turns an Authorization header into a caller; one a process. */
export class Authenticator {
  readonly #deps: ServiceDeps;
  readonly #keys: LRUCache<string, Cached<KnownKey>>;
  readonly #accounts: LRUCache<string, Cached<KnownAccount>>;
  readonly #uses: KeyUseRecorder;

  constructor(deps: ServiceDeps) {
    this.#deps = deps;
    this.#uses = new KeyUseRecorder(deps.database);
    // `ignoreFetchAbort`: who asked while `forget` was called still gets its answer, which then
    // is not kept.
    const options = { max: 10_000, ttl: CACHE_MS, ignoreFetchAbort: true };
    // Concurrent misses of one key share one query (lru-cache's fetch).
    this.#keys = new LRUCache({ ...options, fetchMethod: (hash) => this.#loadKey(hash) });
    this.#accounts = new LRUCache({ ...options, fetchMethod: (id) => this.#loadAccount(id) });
  }

  /** Throws `unauthorized`, the same for everything that is wrong with a token. */
  async authenticate(header: string | undefined): Promise<Caller> {
    const token = BEARER.exec(header ?? '')?.[1];
    if (token === undefined || token.length > 4096) throw unauthorized();
    const caller = token.startsWith('cxk_')
      ? await this.#byKey(token)
      : await this.#bySession(token);
    if (!caller) throw unauthorized();
    return caller;
  }

  /** The same for a session's token alone, as a browser's cookie holds it. */
  async authenticateSession(token: string): Promise<Caller> {
    const caller = token.length > 4096 ? null : await this.#bySession(token);
    if (!caller) throw unauthorized();
    return caller;
  }

  /** Makes changes of keys and accounts count at once in this process. */
  forget(): void {
    this.#keys.clear();
    this.#accounts.clear();
  }

  /** Writes down what is not written yet; call before the database is closed. */
  close(): Promise<void> {
    return this.#uses.flush();
  }

  async #byKey(token: string): Promise<Caller | null> {
    if (!API_KEY.test(token)) return null;
    const entry = await this.#keys.fetch(sha256(token).toString('hex'));
    const key = entry?.found;
    if (!key || (key.expiresAt && key.expiresAt <= this.#deps.now())) return null;
    this.#uses.record(key.principal);
    return key;
  }

  async #bySession(token: string): Promise<Caller | null> {
    const claims = await readSession(this.#deps.jwtSecret, token, this.#deps.now());
    if (!claims || !isId(claims.accountId)) return null;
    const entry = await this.#accounts.fetch(claims.accountId);
    const account = entry?.found;
    if (!account || account.sessionVersion !== claims.sessionVersion) return null;
    const { accountId, id } = claims;
    if (account.endedSessions.includes(id)) return null;
    return {
      principal: { accountId, mode: 'live', role: 'full', apiKeyId: null, domain: null },
      rateLimitPerMinute: account.rateLimitPerMinute,
    };
  }

  /** The hash is looked up, not the key, so the time it takes says nothing of the key. */
  async #loadKey(hash: string): Promise<Cached<KnownKey>> {
    const row = await this.#deps.database.kysely
      .selectFrom('apiKeys')
      .innerJoin('accounts', 'accounts.id', 'apiKeys.accountId')
      .select(['apiKeys.id', 'apiKeys.accountId', 'apiKeys.mode', 'apiKeys.role'])
      .select(['apiKeys.domain', 'apiKeys.expiresAt', 'accounts.rateLimitPerMinute'])
      .where('apiKeys.hash', '=', Buffer.from(hash, 'hex'))
      .where('apiKeys.revokedAt', 'is', null)
      .where('accounts.deletedAt', 'is', null)
      .executeTakeFirst();
    if (!row) return { found: null };
    const { id: apiKeyId, accountId, mode, role, domain, expiresAt, rateLimitPerMinute } = row;
    const principal = { accountId, mode, role, apiKeyId, domain };
    return { found: { principal, expiresAt, rateLimitPerMinute } };
  }

  async #loadAccount(id: string): Promise<Cached<KnownAccount>> {
    const row = await this.#deps.database.kysely
      .selectFrom('accounts')
      .select(['sessionVersion', 'rateLimitPerMinute'])
      .select(
        sql<string[]>`array(select e.id from ended_sessions e where e.account_id = accounts.id)`.as(
          'endedSessions',
        ),
      )
      .where('id', '=', id)
      .where('deletedAt', 'is', null)
      .executeTakeFirst();
    return { found: row ?? null };
  }
}
