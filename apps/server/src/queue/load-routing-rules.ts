import type pg from 'pg';
import type { RoutingStrategy } from '@courierx/contract';

/** A routing rule in use, with the connections it names that still exist. */
export type LoadedRule = {
  readonly accountId: string;
  readonly id: string;
  readonly name: string;
  readonly position: number;
  readonly senderDomain: string | null;
  readonly recipientDomain: string | null;
  readonly tag: string | null;
  readonly strategy: RoutingStrategy;
  readonly isSandboxOnly: boolean;
  readonly connections: readonly {
    readonly connectionId: string;
    readonly priority: number;
    readonly weight: number;
    readonly failoverOnly: boolean;
  }[];
};

/** All rules of the accounts that are in use, each account's by position. */
export async function loadRoutingRules(
  pool: pg.Pool,
  accountIds: readonly string[],
): Promise<LoadedRule[]> {
  const result = await pool.query<LoadedRule>({
    name: 'load-routing-rules',
    text: `select r.account_id as "accountId", r.id, r.name, r.position,
                  r.sender_domain as "senderDomain", r.recipient_domain as "recipientDomain",
                  r.tag, r.strategy, r.sandbox_only as "isSandboxOnly",
                  coalesce((select jsonb_agg(jsonb_build_object(
                                'connectionId', m.connection_id, 'priority', m.priority,
                                'weight', m.weight, 'failoverOnly', m.failover_only)
                              order by m.position)
                            from routing_rule_connections m
                            where m.account_id = r.account_id and m.rule_id = r.id),
                           '[]') as connections
           from routing_rules r
           where r.account_id = any($1::uuid[]) and r.disabled_at is null
           order by r.account_id, r.position, r.created_at, r.id`,
    values: [accountIds],
  });
  return result.rows;
}
