import type { CreateSuppressionRequest, Suppression } from '@courierx/contract';
import { parseAddress, suppressionKey } from '../../lib/address.ts';
import { newId } from '../../lib/ids.ts';
import { requireSound, type Checked } from '../checked.ts';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { toWire } from './to-wire.ts';

/** Reasons stack: an address may be on the list for several. The same one again renews its note. */
export async function addSuppression(
  deps: ServiceDeps,
  principal: Principal,
  body: Checked<CreateSuppressionRequest>,
): Promise<Suppression> {
  requirePermission(principal, 'write');
  const { email } = body.sound;
  const address = email === undefined ? null : parseAddress(email.trim());
  const isWrong = email !== undefined && address === null;
  const input = requireSound(body, isWrong ? ['Email is not a valid email address'] : []);
  const row = await deps.database.kysely
    .insertInto('suppressions')
    .values({
      accountId: principal.accountId,
      id: newId(),
      address: suppressionKey(address ?? ''),
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
