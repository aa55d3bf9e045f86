import type pg from 'pg';
import type { ProviderName } from '@courierx/contract';

/** One call to one provider, about to be made. */
export type AttemptStart = {
  readonly accountId: string;
  readonly emailId: string;
  readonly lease: string;
  readonly number: number;
  readonly connectionId: string;
  readonly connectionName: string;
  readonly provider: ProviderName;
  readonly trace: readonly string[];
};

/**
 * Records attempts before they are made, so that a worker's death in the middle of one can be told
 * from a mail that was never tried. Returns, for each, whether the lease is still held: without it
 * nothing was written and the call must not be made. The same again, after a commit whose answer was
 * lost, finds its own row.
 */
export async function startAttempts(
  pool: pg.Pool,
  starts: readonly AttemptStart[],
): Promise<boolean[]> {
  const result = await pool.query<{ email_id: string }>({
    name: 'start-attempts',
    text: SQL,
    values: [
      starts.map((start) => start.accountId),
      starts.map((start) => start.emailId),
      starts.map((start) => start.lease),
      starts.map((start) => start.number),
      starts.map((start) => start.connectionId),
      starts.map((start) => start.connectionName),
      starts.map((start) => start.provider),
      starts.map((start) => JSON.stringify(start.trace)),
    ],
  });
  const held = new Set(result.rows.map((row) => row.email_id));
  return starts.map((start) => held.has(start.emailId));
}

const SQL = `
with input as (
  select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[], $5::uuid[], $6::text[],
                       $7::text[], $8::text[])
    as t(account_id, email_id, lease, number, connection_id, connection_name, provider, trace)
),
held as (
  select q.account_id, q.email_id
  from queue q
  join input i on i.account_id = q.account_id and i.email_id = q.email_id and i.lease = q.lease
  where q.account_id = any($1) and q.email_id = any($2)
  for update of q
)
insert into attempts (account_id, email_id, number, connection_id, connection_name, provider, lease,
                      trace, started_at)
select i.account_id, i.email_id, i.number, i.connection_id, i.connection_name, i.provider, i.lease,
       array(select jsonb_array_elements_text(i.trace::jsonb)), clock_timestamp()
from input i join held h on h.account_id = i.account_id and h.email_id = i.email_id
on conflict (account_id, email_id, number) do update set started_at = excluded.started_at
  where attempts.lease = excluded.lease and attempts.outcome is null
returning email_id`;
