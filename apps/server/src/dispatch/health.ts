import type { Outcome } from '../providers/outcome.ts';
import { invalidateConnection } from '../queue/invalidate-connection.ts';
import { pauseConnection } from '../queue/pause-connection.ts';
import type { RoutableConnection } from './connections.ts';
import type { DispatchDeps } from './deps.ts';
import { countsAs, healthEffect } from './policy/health.ts';

/** Keeps count of provider faults and tells every worker of a connection that can't be used. */
export type HealthKeeper = {
  /** True where this process already knows better than the rows it loaded. */
  isKnownBad(connection: RoutableConnection): boolean;
  record(accountId: string, connection: RoutableConnection, outcome: Outcome): Promise<void>;
};

export function createHealthKeeper(deps: DispatchDeps): HealthKeeper {
  const faultsInARow = new Map<string, number>();
  const badUntil = new Map<string, number>();
  const keyOf = ({ id, version }: RoutableConnection) => `${id}:${version}`;

  function count(key: string, outcome: Outcome): number {
    const kind = countsAs(outcome);
    if (kind === 'health') faultsInARow.delete(key);
    if (kind !== 'fault') return 0;
    const faults = (faultsInARow.get(key) ?? 0) + 1;
    faultsInARow.set(key, faults);
    return faults;
  }

  return {
    isKnownBad: (connection) => (badUntil.get(keyOf(connection)) ?? 0) > performance.now(),
    async record(accountId, connection, outcome) {
      const key = keyOf(connection);
      const effect = healthEffect(outcome, count(key, outcome));
      if (effect.kind === 'none') return;
      const { id: connectionId, version } = connection;
      const delayMs = effect.kind === 'pause' ? effect.delayMs : 60_000;
      badUntil.set(key, performance.now() + delayMs);
      const log = deps.log.child({ accountId, connectionId, provider: connection.provider });
      const { pool } = deps.database;
      if (effect.kind === 'pause') {
        const { reason } = effect;
        await pauseConnection(pool, { accountId, connectionId, version, delayMs, reason });
        log.warn({ delayMs, reason }, 'connection paused');
        return;
      }
      const { message } = effect;
      if (await invalidateConnection(pool, { accountId, connectionId, version, message })) {
        log.error({ message }, 'connection refused: its credentials are invalid');
      }
    },
  };
}
