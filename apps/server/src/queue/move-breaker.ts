import type pg from 'pg';
import { inTransaction } from '../db/in-transaction.ts';
import { insertConnectionEvent } from './insert-connection-event.ts';
import { wakeWaiting } from './wake-waiting.ts';

export type BreakerKey = {
  readonly accountId: string;
  readonly connectionId: string;
  /** A receiver, or `*` for the whole connection. */
  readonly receiver: string;
};

export type BreakerOpening = BreakerKey & {
  /** Of the credentials the faults came from: those of old ones say nothing of the new. */
  readonly version: number;
  readonly reason: string;
  readonly openings: number;
  readonly openMs: number;
};

/** Opens a closed breaker; true for the one worker, of all who see the faults, that did. */
export function openBreaker(pool: pg.Pool, opening: BreakerOpening): Promise<boolean> {
  return inTransaction(pool, async (client) => {
    const result = await client.query({
      name: 'open-breaker',
      text: OPEN,
      values: [
        opening.accountId,
        opening.connectionId,
        opening.version,
        opening.receiver,
        opening.reason,
        opening.openings,
        opening.openMs,
      ],
    });
    if (result.rowCount === 0) return false;
    await insertConnectionEvent(client, 'connection.degraded', opening);
    return true;
  });
}

const OPEN = `
insert into connection_breakers as b (account_id, connection_id, receiver, state, reason, since,
                                      openings, next_probe_at)
select account_id, id, $4, 'open', $5, now(), $6, now() + $7::float8 * interval '1 millisecond'
from connections where account_id = $1 and id = $2 and version = $3
on conflict (account_id, connection_id, receiver) do update
  set state = 'open', reason = excluded.reason, since = excluded.since,
      openings = excluded.openings, next_probe_at = excluded.next_probe_at,
      probes = 0, probes_until = null, successes = 0
  where b.state = 'closed'`;

/** After a probe that failed: open again, and for longer. */
export async function reopenBreaker(
  pool: pg.Pool,
  opening: Omit<BreakerOpening, 'version'>,
): Promise<boolean> {
  const result = await pool.query({
    name: 'reopen-breaker',
    text: `update connection_breakers
           set state = 'open', reason = $4, openings = $5, probes = 0, probes_until = null,
               successes = 0, next_probe_at = now() + $6::float8 * interval '1 millisecond'
           where account_id = $1 and connection_id = $2 and receiver = $3 and state = 'half_open'`,
    values: [
      opening.accountId,
      opening.connectionId,
      opening.receiver,
      opening.reason,
      opening.openings,
      opening.openMs,
    ],
  });
  return (result.rowCount ?? 0) > 0;
}

/**
 * Asks for the right to try a connection that is not trusted with all mail yet: a few at a time,
 * over all workers. The permits of workers that die lapse after `lifeMs`.
 */
export async function takeProbe(
  pool: pg.Pool,
  probe: BreakerKey & { atOnce: number; lifeMs: number },
): Promise<boolean> {
  const result = await pool.query({
    name: 'take-probe',
    text: `update connection_breakers
           set state = 'half_open',
               probes = case when probes_until > now() then probes else 0 end + 1,
               probes_until = case when probes_until > now() then probes_until
                                   else now() + $5::float8 * interval '1 millisecond' end
           where account_id = $1 and connection_id = $2 and receiver = $3 and state <> 'closed'
             and next_probe_at <= now()
             and (probes < $4 or probes_until is null or probes_until <= now())`,
    values: [probe.accountId, probe.connectionId, probe.receiver, probe.atOnce, probe.lifeMs],
  });
  return (result.rowCount ?? 0) > 0;
}

/** Gives a permit back without a verdict. */
export async function releaseProbe(pool: pg.Pool, key: BreakerKey): Promise<void> {
  await pool.query({
    name: 'release-probe',
    text: `update connection_breakers set probes = greatest(0, probes - 1)
           where account_id = $1 and connection_id = $2 and receiver = $3 and state = 'half_open'`,
    values: [key.accountId, key.connectionId, key.receiver],
  });
}

/** Counts a probe the provider did its work for; true for the one that closed the breaker. */
export function passProbe(
  pool: pg.Pool,
  probe: BreakerKey & { successesToClose: number },
): Promise<boolean> {
  return inTransaction(pool, async (client) => {
    const result = await client.query<{ state: string; reason: string }>({
      name: 'pass-probe',
      text: `update connection_breakers
             set successes = successes + 1, probes = greatest(0, probes - 1),
                 state = case when successes + 1 >= $4 then 'closed' else state end,
                 since = case when successes + 1 >= $4 then now() else since end
             where account_id = $1 and connection_id = $2 and receiver = $3
               and state = 'half_open'
             returning state, reason`,
      values: [probe.accountId, probe.connectionId, probe.receiver, probe.successesToClose],
    });
    const [row] = result.rows;
    if (row?.state !== 'closed') return false;
    await insertConnectionEvent(client, 'connection.recovered', { ...probe, reason: row.reason });
    await wakeWaiting(client, probe.accountId);
    return true;
  });
}

/**
 * Forgets what was held against a connection, since its credentials are new.
 * Call it in the transaction that stores them.
 */
export async function closeBreakers(
  client: Pick<pg.Pool, 'query'>,
  { accountId, connectionId }: Omit<BreakerKey, 'receiver'>,
): Promise<void> {
  const result = await client.query<{ receiver: string; reason: string }>({
    name: 'close-breakers',
    text: `update connection_breakers set state = 'closed', since = now()
           where account_id = $1 and connection_id = $2 and state <> 'closed'
           returning receiver, reason`,
    values: [accountId, connectionId],
  });
  for (const row of result.rows) {
    await insertConnectionEvent(client, 'connection.recovered', {
      accountId,
      connectionId,
      ...row,
    });
  }
}

/** Lets a connection be tried again now: its provider just answered. */
export async function hastenProbes(
  client: Pick<pg.Pool, 'query'>,
  { accountId, connectionId }: Omit<BreakerKey, 'receiver'>,
): Promise<void> {
  await client.query(
    `update connection_breakers set next_probe_at = now()
     where account_id = $1 and connection_id = $2 and state = 'open' and next_probe_at > now()`,
    [accountId, connectionId],
  );
}

/** Housekeeping: those that have been closed for so long that nothing follows from them. */
export async function deleteOldBreakers(pool: pg.Pool): Promise<void> {
  await pool.query(
    `delete from connection_breakers where state = 'closed' and since < now() - interval '1 hour'`,
  );
}
