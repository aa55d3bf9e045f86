import type pg from 'pg';

/** What providers reported and nobody has worked on yet. */
export type EventInbox = {
  /** Requests that are stored and not processed. */
  readonly requests: number;
  readonly oldestRequestSeconds: number;
  /** Events whose mail has not been found. */
  readonly waitingEvents: number;
};

/** Counting ends here. */
const MOST = 10_000;

/** Counts up to 10,000 of each by the index of what is due. */
export async function measureInbox(client: Pick<pg.Pool, 'query'>): Promise<EventInbox> {
  const result = await client.query<EventInbox>(SQL, [MOST]);
  const [row] = result.rows;
  if (!row) throw new Error('an aggregate without a row');
  return row;
}

const SQL = `
select count(*)::int as requests,
       coalesce(extract(epoch from now() - min(received_at)), 0)::float8 as "oldestRequestSeconds",
       (select count(*)::int
        from (select from waiting_events order by run_at limit $1) w) as "waitingEvents"
from (select received_at from webhook_requests
      where run_at is not null order by run_at limit $1) r`;
