import type pg from 'pg';
import type { ConnectionStatus, ProviderName } from '@courierx/contract';
import type { StoredLearned, StoredSettings } from '../db/types.ts';

/** A connection with what it takes to open its secrets. */
export type LoadedConnection = {
  readonly accountId: string;
  readonly id: string;
  readonly provider: ProviderName;
  readonly displayName: string;
  readonly priority: number;
  readonly status: ConnectionStatus;
  readonly disabledAt: Date | null;
  readonly pausedUntil: Date | null;
  readonly pauseReason: string | null;
  readonly settings: StoredSettings;
  readonly secrets: Buffer | null;
  readonly version: number;
  readonly dataKey: Buffer;
  readonly dataKeyMaster: string;
  /** Its account has routing rules, which are then to be read. */
  readonly hasRules: boolean;
  readonly maxPerSecond: number | null;
  readonly maxPerDay: number | null;
  readonly maxPerMonth: number | null;
  readonly keepWarmPercent: number;
  readonly learned: StoredLearned | null;
  readonly throttledRate: number | null;
  readonly throttledAt: Date | null;
  readonly breakers: readonly LoadedBreaker[];
};

/** Times as PostgreSQL writes them in JSON. */
export type LoadedBreaker = {
  readonly receiver: string;
  readonly state: 'closed' | 'open' | 'half_open';
  readonly reason: string;
  readonly since: string;
  readonly openings: number;
  readonly nextProbeAt: string;
};

/** All connections of the accounts, each account's in the order they are tried. */
export async function loadConnections(
  pool: pg.Pool,
  accountIds: readonly string[],
): Promise<LoadedConnection[]> {
  const result = await pool.query<LoadedConnection>({
    name: 'load-connections',
    text: `select c.account_id as "accountId", c.id, c.provider, c.display_name as "displayName",
                  c.priority, c.status, c.disabled_at as "disabledAt",
                  c.paused_until as "pausedUntil", c.pause_reason as "pauseReason", c.settings,
                  c.secrets, c.version, a.data_key as "dataKey",
                  a.data_key_master as "dataKeyMaster", c.max_per_second as "maxPerSecond",
                  c.max_per_day as "maxPerDay", c.max_per_month as "maxPerMonth",
                  c.keep_warm_percent as "keepWarmPercent", c.learned,
                  p.throttled_rate as "throttledRate", p.throttled_at as "throttledAt",
                  array(select jsonb_build_object(
                          'receiver', b.receiver, 'state', b.state, 'reason', b.reason,
                          'since', b.since, 'openings', b.openings, 'nextProbeAt', b.next_probe_at)
                        from connection_breakers b
                        where b.account_id = c.account_id and b.connection_id = c.id) as breakers,
                  exists (select 1 from routing_rules r
                          where r.account_id = c.account_id) as "hasRules"
           from connections c
           join accounts a on a.id = c.account_id
           left join connection_paces p on p.account_id = c.account_id and p.connection_id = c.id
           where c.account_id = any($1::uuid[])
           order by c.account_id, c.priority, c.created_at, c.id`,
    values: [accountIds],
  });
  return result.rows;
}
