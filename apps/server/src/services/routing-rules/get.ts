import type { RoutingRule } from '@courierx/contract';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { findRule } from './rows.ts';
import { toWire } from './to-wire.ts';

export async function getRoutingRule(
  deps: ServiceDeps,
  principal: Principal,
  id: string,
): Promise<RoutingRule> {
  requirePermission(principal, 'read');
  return toWire(await findRule(deps.database.kysely, principal.accountId, id));
}
