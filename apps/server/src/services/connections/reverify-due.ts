import type { ServiceDeps } from '../context.ts';
import { selectConnections } from './rows.ts';
import { verifyRow } from './verify.ts';

const STEP = 20;

/**
 * Housekeeping: asks again where a provider could not be asked, or refused. A row is put off before
 * it is asked about, so that two nodes never ask together. Returns how many were asked about.
 */
export async function reverifyDue(deps: ServiceDeps): Promise<number> {
  let count = 0;
  for (;;) {
    const step = await reverifyStep(deps);
    count += step;
    if (step < STEP) return count;
  }
}

async function reverifyStep(deps: ServiceDeps): Promise<number> {
  const due = await takeDue(deps);
  if (due.length === 0) return 0;
  const rows = await selectConnections(deps.database.kysely)
    .where((eb) =>
      eb.or(
        due.map((row) =>
          eb.and({ 'connections.accountId': row.account_id, 'connections.id': row.id }),
        ),
      ),
    )
    .execute();
  const results = await Promise.allSettled(rows.map((row) => verifyRow(deps, row)));
  const failed = results.filter((result) => result.status === 'rejected');
  // Only now: the others must not be left running behind a first failure.
  if (failed.length > 0) {
    throw new AggregateError(
      failed.map(({ reason }) => reason as unknown),
      `${failed.length} of ${rows.length} connections could not be verified again`,
    );
  }
  return due.length;
}

/** Due by our clock, which also says when the next time is; the lease is far above a call's limit. */
async function takeDue({ database, now }: ServiceDeps) {
  const result = await database.pool.query<{ account_id: string; id: string }>(
    `update connections set next_verification_at = $2::timestamptz + interval '2 minutes'
     where ctid = any(array(
       select ctid from connections
       where next_verification_at <= $2 and disabled_at is null
       order by next_verification_at limit $1 for update skip locked))
     returning account_id, id`,
    [STEP, now()],
  );
  return result.rows;
}
