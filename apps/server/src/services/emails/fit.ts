import { sql } from 'kysely';
import { findMisfit } from '../../providers/carries.ts';
import type { Principal, ServiceDeps } from '../context.ts';
import { toLoad, toMailToRoute, type ExplainRoute } from '../routing-rules/explain-route.ts';
import type { NormalEmail } from './normalize.ts';

type Deps = Pick<ServiceDeps, 'database' | 'providers'> & { readonly explainRoute: ExplainRoute };

/**
 * Faults of a mail that none of the connections it could be routed to can carry. Mail that every
 * provider carries, which is nearly all, asks nothing of the database; the rest is looked at anew
 * each time, so a connection that was just made counts at once. Where there is no connection the mail
 * is taken, as always, and waits for one.
 */
export async function findUncarried(
  deps: Deps,
  principal: Principal,
  email: NormalEmail,
): Promise<readonly string[]> {
  const load = toLoad(email);
  const adapters = [...deps.providers.values()];
  if (adapters.every(({ capabilities }) => findMisfit(capabilities, load) === null)) return [];
  const { connections } = await deps.explainRoute(toMailToRoute(principal, email));
  const takers = connections.filter(({ isCandidate, isDisabled }) => isCandidate && !isDisabled);
  const faults = takers.flatMap(({ provider, displayName, misfit }) =>
    misfit ? [`${misfit.field}: ${provider} "${displayName}" ${misfit.limit}`] : [],
  );
  const isCarried = faults.length < takers.length;
  return isCarried || (await isReplay(deps, principal, email)) ? [] : faults;
}

/** The same again, after the connections changed: it was taken, and that is the answer. */
async function isReplay(
  { database }: Deps,
  { accountId }: Principal,
  { idempotencyKey }: NormalEmail,
): Promise<boolean> {
  if (idempotencyKey === null) return false;
  const row = await database.kysely
    .selectFrom('idempotencyKeys')
    .select('emailId')
    .where('accountId', '=', accountId)
    .where('key', '=', idempotencyKey)
    .where('createdAt', '>', sql<Date>`now() - interval '24 hours'`)
    .executeTakeFirst();
  return row !== undefined;
}
