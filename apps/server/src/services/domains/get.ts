import type { Domain } from '@courierx/contract';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { findDomain, findProviders, toWire } from './rows.ts';

/** As the last check found it; nothing is looked up. */
export async function getDomain(
  { database: { kysely } }: ServiceDeps,
  principal: Principal,
  id: string,
): Promise<Domain> {
  requirePermission(principal, 'read');
  const row = await findDomain(kysely, principal.accountId, id);
  return toWire(row, await findProviders(kysely, principal.accountId));
}
