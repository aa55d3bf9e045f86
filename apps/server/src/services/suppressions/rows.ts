import type { SuppressionReason } from '@courierx/contract';
import type { Kysely } from 'kysely';
import type { Tables } from '../../db/types.ts';
import { parseDomain } from '../../lib/address.ts';

export type SuppressionFilter = {
  readonly reason?: SuppressionReason;
  /** A case-insensitive part of the address. */
  readonly email?: string;
  readonly domain?: string;
};

/** An account's entries that are in force and pass the filter. */
export function selectSuppressions(
  kysely: Kysely<Tables>,
  accountId: string,
  { filter, now }: { filter: SuppressionFilter; now: Date },
) {
  const { reason, email, domain } = filter;
  let query = kysely
    .selectFrom('suppressions')
    .where('accountId', '=', accountId)
    .where((eb) => eb.or([eb('expiresAt', 'is', null), eb('expiresAt', '>', now)]));
  if (reason !== undefined) query = query.where('reason', '=', reason);
  if (email !== undefined) query = query.where('address', 'like', `%${literal(email)}%`);
  if (domain !== undefined) {
    const name = parseDomain(domain) ?? domain;
    query = query.where('address', 'like', `%@${literal(name)}`);
  }
  return query;
}

/** A text as `like` takes it for itself. */
function literal(text: string): string {
  return text.toLowerCase().replace(/[\\%_]/g, '\\$&');
}
