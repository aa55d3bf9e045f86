import type { CreateSuppressionRequest, Suppression } from '@courierx/contract';
import { parseSuppressible, suppressionKey } from '../../lib/address.ts';
import { newId } from '../../lib/ids.ts';
import { recordChange } from '../audit/record.ts';
import { requireSound, type Checked } from '../checked.ts';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { toWire } from './to-wire.ts';

/**
 * Reasons stack: an address may be on the list for several. The same one again renews its note,
 * where one is given, and its expiry.
 */
export async function addSuppression(
  deps: ServiceDeps,
  principal: Principal,
  body: Checked<CreateSuppressionRequest>,
): Promise<Suppression> {
  requirePermission(principal, 'write');
  const { email, expires_at: expiry } = body.sound;
  const address = email === undefined ? null : parseSuppressible(email.trim());
  const expiresAt = typeof expiry === 'string' ? new Date(expiry) : null;
  const faults =
    email !== undefined && address === null ? ['Email is not a valid email address'] : [];
  // A leap second is a time to RFC 3339 and none to JavaScript: NaN, which is in no future.
  if (expiresAt && !(expiresAt > deps.now())) faults.push('expires_at must be in the future');
  const { reason = 'manual', note = null } = requireSound(body, faults);
  const row = await deps.database.kysely.transaction().execute(async (transaction) => {
    const added = await transaction
      .insertInto('suppressions')
      .values({
        accountId: principal.accountId,
        id: newId(),
        address: suppressionKey(address ?? ''),
        ...{ reason, note, expiresAt },
      })
      .onConflict((conflict) =>
        conflict.columns(['accountId', 'address', 'reason']).doUpdateSet((eb) => ({
          note: eb.fn.coalesce('excluded.note', 'suppressions.note'),
          expiresAt: eb.ref('excluded.expiresAt'),
        })),
      )
      .returningAll()
      .executeTakeFirstOrThrow();
    await recordChange(transaction, principal, {
      action: 'suppression.created',
      subjectId: added.address,
      detail: { reason },
    });
    return added;
  });
  return toWire(row);
}
