import type { Kysely } from 'kysely';
import type { Tables } from '../db/types.ts';
import { invalid } from './service-error.ts';

/**
 * How many of a thing an account may have: domains are looked at for ever, connections are weighed
 * for every mail, and each event is told to every webhook endpoint.
 */
export const MOST = { domains: 1_000, connections: 200, webhookEndpoints: 100 } as const;

const NOUNS = {
  domains: 'domains',
  connections: 'provider connections',
  webhookEndpoints: 'webhook endpoints',
} as const;

/** Throws `invalid_request` where the account has as many as it may. */
export async function requireRoom(
  kysely: Kysely<Tables>,
  table: keyof typeof MOST,
  accountId: string,
): Promise<void> {
  const { count } = await kysely
    .selectFrom(table)
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .where('accountId', '=', accountId)
    .executeTakeFirstOrThrow();
  if (Number(count) < MOST[table]) return;
  throw invalid(`An account can have at most ${MOST[table]} ${NOUNS[table]}; delete one first`);
}
