import { LRUCache } from 'lru-cache';
import type pg from 'pg';
import { openSecrets, type StoredSecrets } from '../db/connection-secrets.ts';
import type { Keyring } from '../lib/keyring.ts';
import type { Connection, ConnectionSettings } from '../providers/connection.ts';
import { loadConnections, type LoadedConnection } from '../queue/load-connections.ts';
import type { Breaker } from './policy/breaker.ts';
import type { Limits, Throttle } from './policy/pacing.ts';
import type { Candidate } from './policy/plan.ts';

/** A connection that mail may be routed to. */
export type RoutableConnection = Candidate & {
  readonly accountId: string;
  readonly version: number;
  readonly settings: ConnectionSettings;
  /** Its account has routing rules. */
  readonly hasRules: boolean;
  readonly keepWarmPercent: number;
  readonly breakers: readonly Breaker[];
  readonly limits: Limits;
  readonly throttle: Throttle | null;
  /** Opens the secrets; throws where the master key is missing. */
  toProviderConnection(): Connection;
};

export type ConnectionLoader = (
  accountIds: readonly string[],
) => Promise<ReadonlyMap<string, readonly RoutableConnection[]>>;

/** Reads connections fresh for every batch; only their decrypted secrets are kept, by version. */
export function createConnectionLoader(pool: pg.Pool, keyring: Keyring): ConnectionLoader {
  const opened = new LRUCache<string, StoredSecrets>({ max: 10_000, ttl: 5 * 60_000 });

  function open(row: LoadedConnection): StoredSecrets {
    const key = `${row.id}:${row.version}`;
    const known = opened.get(key);
    if (known) return known;
    const owner = {
      accountId: row.accountId,
      connectionId: row.id,
      dataKey: { wrapped: row.dataKey, master: row.dataKeyMaster },
    };
    const secrets = openSecrets(keyring, owner, row.secrets);
    opened.set(key, secrets);
    return secrets;
  }

  return async (accountIds) => {
    const byAccount = new Map<string, RoutableConnection[]>(accountIds.map((id) => [id, []]));
    for (const row of await loadConnections(pool, accountIds)) {
      byAccount.get(row.accountId)?.push(toRoutable(row, open));
    }
    return byAccount;
  };
}

function toRoutable(
  row: LoadedConnection,
  open: (row: LoadedConnection) => StoredSecrets,
): RoutableConnection {
  const { id, provider, displayName, status, version, settings, pausedUntil, pauseReason } = row;
  return {
    ...{ id, provider, displayName, status, version, settings, pausedUntil, pauseReason },
    ...healthOf(row),
    isDisabled: row.disabledAt !== null,
    hasRules: row.hasRules,
    toProviderConnection: () => ({
      id,
      accountId: row.accountId,
      version,
      settings,
      secrets: open(row),
    }),
  };
}

function healthOf(row: LoadedConnection) {
  const { accountId, keepWarmPercent, throttledRate, throttledAt } = row;
  const { maxPerSecond, maxPerDay, maxPerMonth, learned, breakers } = row;
  const learnedPerSecond = learned?.maxSendRate ?? null;
  const hasRate = throttledRate !== null && throttledAt !== null;
  return {
    accountId,
    keepWarmPercent,
    limits: { maxPerSecond, maxPerDay, maxPerMonth, learnedPerSecond },
    throttle: hasRate ? { rate: throttledRate, at: throttledAt } : null,
    breakers: breakers.map((breaker) => ({
      ...breaker,
      since: new Date(breaker.since),
      nextProbeAt: new Date(breaker.nextProbeAt),
    })),
  };
}
