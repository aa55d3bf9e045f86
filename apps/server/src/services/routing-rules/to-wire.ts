import type { RoutingRule } from '@courierx/contract';
import type { RuleRow } from './rows.ts';
import { warningsOf } from './warnings.ts';

export function toWire(row: RuleRow): RoutingRule {
  return {
    id: row.id,
    name: row.name,
    position: row.position,
    enabled: row.disabledAt === null,
    match: {
      sender_domain: row.senderDomain,
      recipient_domain: row.recipientDomain,
      tag: row.tag,
    },
    strategy: row.strategy,
    connections: row.members.map((member) => ({
      connection_id: member.connectionId,
      display_name: member.displayName,
      provider: member.provider,
      priority: member.priority,
      weight: member.weight,
      failover_only: member.failoverOnly,
    })),
    warnings: warningsOf(row),
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}
