import { isDatabaseUnavailable } from '../db/errors.ts';
import type { KnownEvent } from './ledger-event.ts';
import { applyTraced } from './apply-traced.ts';
import type { EventsDeps } from './deps.ts';
import { findConnection } from './find-connection.ts';
import { matchEvents } from './match-events.ts';
import { deleteWaiting, type WaitingEvent } from './waiting.ts';

/** A mail that has not turned up by then is none of ours. */
const MAX_AGE_SECONDS = 3 * 24 * 3600;

/**
 * Looks once more for the mail of an event that came before it could be told whose it is. One that
 * fails keeps nobody up, and has its end as the others.
 */
export async function processWaiting(deps: EventsDeps, waiting: WaitingEvent): Promise<void> {
  try {
    await work(deps, waiting);
  } catch (error) {
    if (isDatabaseUnavailable(error)) throw error;
    const { accountId, connectionId } = waiting;
    const where = { err: error, accountId, connectionId };
    const isOver = waiting.ageSeconds >= MAX_AGE_SECONDS;
    deps.log.error(where, `a provider event that waits ${isOver ? 'is given up' : 'failed'}`);
    if (isOver) await deleteWaiting(deps.database.pool, waiting);
  }
}

async function work(deps: EventsDeps, waiting: WaitingEvent): Promise<void> {
  const { accountId, connectionId: id, event } = waiting;
  const { pool } = deps.database;
  const heard = await findConnection(deps, { accountId, id });
  const [emailId] = heard ? await matchEvents(pool, heard.connection, [event]) : [null];
  const labels = { provider: heard?.provider ?? 'unknown', type: event.type ?? 'unknown' };
  if (heard && typeof emailId === 'string') {
    await applyTraced(deps, heard, { emailId, events: [event as KnownEvent] });
    deps.metrics.event({ ...labels, result: 'applied' });
  } else if (heard && waiting.ageSeconds < MAX_AGE_SECONDS) {
    return;
  } else {
    deps.metrics.event({ ...labels, result: 'expired' });
  }
  await deleteWaiting(pool, waiting);
}
