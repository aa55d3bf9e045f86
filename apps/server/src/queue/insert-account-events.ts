import type pg from 'pg';
import { newId } from '../lib/ids.ts';

/** The words for what happens to an account's own things. */
export const ACCOUNT_EVENT_TYPES = [
  /** Mail goes round a connection: its provider fails, throttles or refuses the credentials. */
  'connection.degraded',
  /** A degraded connection takes mail again. */
  'connection.recovered',
  /** A connection sends, but its provider's events do not arrive. */
  'connection.silent',
  /** A domain's DNS record is gone. */
  'domain.unverified',
  /** A webhook endpoint failed for so long that nothing is sent to it any more. */
  'webhook_endpoint.disabled',
] as const;

/** See {@link ACCOUNT_EVENT_TYPES}. */
export type AccountEventType = (typeof ACCOUNT_EVENT_TYPES)[number];

export type NewAccountEvent = {
  readonly accountId: string;
  readonly type: AccountEventType;
  /** What it is about, without secrets: `connection_id`, `reason` … */
  readonly data: Readonly<Record<string, unknown>>;
};

/**
 * Records account events. Give the client of the transaction that makes the change they tell of, so
 * that neither stands without the other.
 */
export async function insertAccountEvents(
  client: Pick<pg.Pool, 'query'>,
  events: readonly NewAccountEvent[],
): Promise<void> {
  await client.query(
    `insert into account_events (account_id, id, type, data)
     select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::jsonb[])`,
    [
      events.map(({ accountId }) => accountId),
      events.map(() => newId()),
      events.map(({ type }) => type),
      events.map(({ data }) => JSON.stringify(data)),
    ],
  );
}
