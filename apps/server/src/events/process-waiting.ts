import { isDatabaseUnavailable } from '../db/errors.ts';
import type { KnownEvent } from './ledger-event.ts';
import { applyTraced } from './apply-traced.ts';
import type { EventsDeps } from './deps.ts';
import { findConnection } from './find-connection.ts';
import { matchEvents } from './match-events.ts';
import { deleteWaiting, type WaitingEvent } from './waiting.ts';

/**
 * A mail that has not turned up by then is none of ours. An event that does not even name one is
 * found by the provider's own id, which is on record within moments of the mail's sending; most such
 * are of mail that something else sent through the same provider account, and there is no end of it.
 */
const MAX_AGE_SECONDS = { named: 3 * 24 * 3600, unnamed: 3600 } as const;

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
    const isOver = waiting.ageSeconds >= MAX_AGE_SECONDS.named;
    deps.log.error(where, `a provider event that waits ${isOver ? 'is given up' : 'failed'}`);
    if (isOver) await deleteWaiting(deps.database.pool, waiting);
  }
}

async function work(deps: EventsDeps, waiting: WaitingEvent): Promise<void> {
  const { accountId, connectionId: id, event } = waiting;
  const kind = event.emailId === null ? 'unnamed' : 'named';
  const { pool } = deps.database;
  const heard = await findConnection(deps, { accountId, id });
  const [emailId] = heard ? await matchEvents(pool, heard.connection, [event]) : [null];
  const labels = { provider: heard?.provider ?? 'unknown', type: event.type ?? 'unknown' };
  if (heard && typeof emailId === 'string') {
    await applyTraced(deps, heard, { emailId, events: [event as KnownEvent] });
    deps.metrics.event({ ...labels, result: 'applied' });
  } else if (heard && waiting.ageSeconds < MAX_AGE_SECONDS[kind]) {
    return;
  } else {
    deps.metrics.event({ ...labels, result: 'expired' });
  }
  await deleteWaiting(pool, waiting);
}
