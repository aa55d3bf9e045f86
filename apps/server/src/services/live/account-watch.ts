import type { ConnectionChange, EmailChange } from '@courierx/contract';
import { loadChangedEmails, type ChangedEmail } from '../../queue/load-changed-emails.ts';
import type { ServiceDeps } from '../context.ts';
import { loadConnectionChanges } from './load-connections.ts';

/** One thing that is otherwise than before. */
export type Change =
  | { readonly type: 'email'; readonly data: EmailChange }
  | { readonly type: 'connection'; readonly data: ConnectionChange };

export type Listener = (changes: readonly Change[]) => void;

type WatchDeps = Pick<ServiceDeps, 'database' | 'now'>;

/** A change is dated when its transaction begins and seen when it ends. */
const OVERLAP_MS = 10_000;

/** What changes in one account, told once to all who listen in this process. */
export class AccountWatch {
  readonly listeners = new Set<Listener>();
  readonly #deps: WatchDeps;
  readonly #accountId: string;
  /** Of the emails changed lately: what was last told of each. */
  #told = new Map<string, string>();
  /** Of the connections: null until they were looked at first. */
  #connections: ReadonlyMap<string, string> | null = null;
  #latest: Date | null = null;

  constructor(deps: WatchDeps, accountId: string) {
    this.#deps = deps;
    this.#accountId = accountId;
  }

  /** Looks once, and tells. */
  async poll(): Promise<void> {
    const changes = [...(await this.#emails()), ...(await this.#changedConnections())];
    if (changes.length === 0) return;
    for (const listener of this.listeners) listener(changes);
  }

  /** The emails changed since, for who missed them. */
  async emailsSince(since: Date): Promise<Change[]> {
    const emails = await this.#load(new Date(since.getTime() - OVERLAP_MS));
    return emails.map(toChange);
  }

  async #emails(): Promise<Change[]> {
    this.#latest ??= await this.#databaseTime();
    const emails = await this.#load(new Date(this.#latest.getTime() - OVERLAP_MS));
    const before = this.#told;
    this.#told = new Map(emails.map((email) => [email.id, JSON.stringify(email)]));
    this.#latest = emails.at(-1)?.updatedAt ?? this.#latest;
    return emails.filter(({ id }) => before.get(id) !== this.#told.get(id)).map(toChange);
  }

  async #changedConnections(): Promise<Change[]> {
    const connections = await loadConnectionChanges(this.#deps, this.#accountId);
    const before = this.#connections;
    const now = new Map(connections.map((data) => [data.id, JSON.stringify(data)]));
    this.#connections = now;
    if (before === null) return [];
    return connections
      .filter(({ id }) => before.get(id) !== now.get(id))
      .map((data) => ({ type: 'connection', data }));
  }

  #load(since: Date): Promise<ChangedEmail[]> {
    const { pool } = this.#deps.database;
    return loadChangedEmails(pool, { accountId: this.#accountId, since });
  }

  /** Changes are dated by the database's clock. */
  async #databaseTime(): Promise<Date> {
    const { rows } = await this.#deps.database.pool.query<{ now: Date }>('select now() as now');
    return rows[0]?.now ?? this.#deps.now();
  }
}

function toChange({ id, status, reason, sentAt, updatedAt }: ChangedEmail): Change {
  const data = {
    id,
    status,
    status_reason: reason,
    sent_at: sentAt?.toISOString() ?? null,
    updated_at: updatedAt.toISOString(),
  };
  return { type: 'email', data };
}
