import type { DeleteSuppressionsQuery, SuppressionReason } from '@courierx/contract';
import type { Kysely } from 'kysely';
import type { Tables } from '../../db/types.ts';
import { parseSuppressible, suppressionKey } from '../../lib/address.ts';
import { isId } from '../../lib/ids.ts';
import { recordChange } from '../audit/record.ts';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { invalid, notFound } from '../service-error.ts';

/** Takes one reason off the list; others of the same address stay. */
export async function deleteSuppression(
  deps: ServiceDeps,
  principal: Principal,
  id: string,
): Promise<void> {
  requirePermission(principal, 'write');
  if (!isId(id)) throw notFound();
  await deps.database.kysely.transaction().execute(async (transaction) => {
    const rows = await transaction
      .deleteFrom('suppressions')
      .where('accountId', '=', principal.accountId)
      .where('id', '=', id)
      .returning(['address', 'reason'])
      .execute();
    await recordDeleted(transaction, principal, rows);
  });
}

/** Takes an address off the list: all its reasons, or the one that is named. */
export async function deleteSuppressionsOf(
  deps: ServiceDeps,
  principal: Principal,
  { email, reason }: DeleteSuppressionsQuery,
): Promise<void> {
  requirePermission(principal, 'write');
  const address = parseSuppressible(email.trim());
  if (address === null) {
    throw invalid('Email is not a valid email address; in a URL, + is written %2B');
  }
  await deps.database.kysely.transaction().execute(async (transaction) => {
    let query = transaction
      .deleteFrom('suppressions')
      .where('accountId', '=', principal.accountId)
      .where('address', '=', suppressionKey(address));
    if (reason !== undefined) query = query.where('reason', '=', reason);
    const rows = await query.returning(['address', 'reason']).execute();
    await recordDeleted(transaction, principal, rows);
  });
}

type Deleted = { readonly address: string; readonly reason: SuppressionReason };

async function recordDeleted(
  transaction: Kysely<Tables>,
  principal: Principal,
  rows: readonly Deleted[],
): Promise<void> {
  const [first] = rows;
  if (!first) throw notFound();
  await recordChange(transaction, principal, {
    action: 'suppression.deleted',
    subjectId: first.address,
    detail: { reasons: rows.map(({ reason }) => reason) },
  });
}
