import type { ProviderConnection } from '@courierx/contract';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { findConnection } from './rows.ts';
import { toWire } from './to-wire.ts';

export async function getConnection(
  deps: ServiceDeps,
  principal: Principal,
  { id, baseUrl }: { id: string; baseUrl: string },
): Promise<ProviderConnection> {
  requirePermission(principal, 'read');
  const row = await findConnection(deps.database.kysely, principal.accountId, id);
  return toWire(row, { baseUrl, now: deps.now() });
}
