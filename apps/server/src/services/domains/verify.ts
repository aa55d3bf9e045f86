import type { Domain } from '@courierx/contract';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { takeAttempt } from '../rate-limits/take-attempt.ts';
import { checkDomain } from './check.ts';
import { findDomain, findProviders, toWire } from './rows.ts';

/** Of one account in a minute: each asks other people's name servers a dozen things. */
const LOOKS = 60;

/** Looks into the DNS now; answers the domain as it then stands. */
export async function verifyDomain(
  deps: ServiceDeps,
  principal: Principal,
  id: string,
): Promise<Domain> {
  requirePermission(principal, 'write');
  const { kysely } = deps.database;
  const row = await findDomain(kysely, principal.accountId, id);
  await takeAttempt(deps.database, {
    key: `verify-domain:${principal.accountId}`,
    limit: LOOKS,
    windowSeconds: 60,
    now: deps.now(),
  });
  await checkDomain(deps, row, principal);
  const checked = await findDomain(kysely, principal.accountId, id);
  return toWire(checked, await findProviders(kysely, principal.accountId));
}
