import type { CreateSuppressionRequest, Suppression } from '@courierx/contract';
import { parseAddress, suppressionKey } from '../../lib/address.ts';
import { newId } from '../../lib/ids.ts';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { invalid } from '../service-error.ts';
import { toWire } from './to-wire.ts';

/** Reasons stack: an address may be on the list for several. The same one again renews its note. */
export async function addSuppression(
  deps: ServiceDeps,
  principal: Principal,
  input: CreateSuppressionRequest,
): Promise<Suppression> {
  requirePermission(principal, 'write');
  const address = parseAddress(input.email.trim());
  if (address === null) throw invalid('Email is not a valid email address');
  const row = await deps.database.kysely
    .insertInto('suppressions')
    .values({
      accountId: principal.accountId,
      id: newId(),
      address: suppressionKey(address),
      reason: input.reason ?? 'manual',
      note: input.note ?? null,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['accountId', 'address', 'reason'])
        .doUpdateSet((eb) => ({ note: eb.fn.coalesce('excluded.note', 'suppressions.note') })),
    )
    .returningAll()
    .executeTakeFirstOrThrow();
  return toWire(row);
}
