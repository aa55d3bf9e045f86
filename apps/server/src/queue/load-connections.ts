import type pg from 'pg';
import type { ConnectionStatus, ProviderName } from '@courierx/contract';
import type { StoredSettings } from '../db/types.ts';

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
                  a.data_key_master as "dataKeyMaster",
                  exists (select 1 from routing_rules r
                          where r.account_id = c.account_id) as "hasRules"
           from connections c join accounts a on a.id = c.account_id
           where c.account_id = any($1::uuid[])
           order by c.account_id, c.priority, c.created_at, c.id`,
    values: [accountIds],
  });
  return result.rows;
}
