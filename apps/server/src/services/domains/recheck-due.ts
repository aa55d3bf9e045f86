import type { ServiceDeps } from '../context.ts';
import { checkDomain } from './check.ts';
import type { DomainRow } from './rows.ts';

const STEP = 20;
/** A run ends in time for the next, however slow the name servers are. */
const MAX_STEPS = 25;

/**
 * Housekeeping: looks again at domains whose time has come. A row is put off before it is looked
 * at, so that two nodes never look together. Returns how many were looked at.
 */
export async function recheckDueDomains(deps: ServiceDeps): Promise<number> {
  let count = 0;
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const rows = await takeDue(deps);
    const results = await Promise.allSettled(
      rows.map((row) => checkDomain(deps, row, { accountId: row.accountId, actor: 'system' })),
    );
    const failed = results.filter((result) => result.status === 'rejected');
    // Only now: the others must not be left running behind a first failure.
    if (failed.length > 0) {
      throw new AggregateError(
        failed.map(({ reason }) => reason as unknown),
        `${failed.length} of ${rows.length} domains could not be looked at again`,
      );
    }
    count += rows.length;
    if (rows.length < STEP) break;
  }
  return count;
}

async function takeDue({ database, now }: ServiceDeps): Promise<DomainRow[]> {
  const taken = await database.pool.query<{ account_id: string; id: string }>(
    `update domains set next_check_at = $2::timestamptz + interval '5 minutes'
     where ctid = any(array(
       select ctid from domains where next_check_at <= $2
       order by next_check_at limit $1 for update skip locked))
     returning account_id, id`,
    [STEP, now()],
  );
  if (taken.rows.length === 0) return [];
  return database.kysely
    .selectFrom('domains')
    .selectAll()
    .where((eb) =>
      eb.or(taken.rows.map((row) => eb.and({ accountId: row.account_id, id: row.id }))),
    )
    .execute();
}
