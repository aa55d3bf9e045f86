import type pg from 'pg';

/** The queue of all accounts together. */
export type QueueFigures = {
  /** To be sent now. */
  readonly due: number;
  /** For a retry, a pace or a connection. */
  readonly waiting: number;
  /** A worker has it. */
  readonly inFlight: number;
  /** May have been sent; its owner is to decide. */
  readonly held: number;
  /** How late the most overdue one is. */
  readonly oldestDueSeconds: number;
  /** All of them, as the planner's statistics have it: free of cost, and some minutes old. */
  readonly estimate: number;
};

/** Counting ends here: more than this is "many", and costs no more. */
const MOST = 20_000;
/** So that one account's waiting mail leaves room for that of others. */
const MOST_OF_ACCOUNT = 5_000;
const MOST_ACCOUNTS = 5_000;

/**
 * Counts up to 20,000 due mails and as many others, 5,000 of the others an account. Due mail is
 * counted in the index alone. With a million mails due, a million waiting and 2,000 accounts: 27 ms,
 * and 200 ms right after a million mails came in at once and no vacuum has passed (PostgreSQL 18, two
 * busy cores). Counting them all took 270 to 600 ms, and takes longer the more there are.
 */
export async function measureQueue(client: Pick<pg.Pool, 'query'>): Promise<QueueFigures> {
  const result = await client.query<QueueFigures>(SQL, [MOST, MOST_OF_ACCOUNT]);
  const [row] = result.rows;
  if (!row) throw new Error('an aggregate without a row');
  return row;
}

const SQL = `
with recursive account(id, n) as (
  (select account_id, 1 from queue order by account_id limit 1)
  union all
  select (select q.account_id from queue q where q.account_id > account.id
          order by q.account_id limit 1), n + 1
  from account where account.id is not null and n < ${MOST_ACCOUNTS}
),
due as (
  select count(*)::int as count
  from (select from account
        cross join lateral (
          select from queue q where q.account_id = account.id and q.run_at <= now() limit $1
        ) d
        limit $1) counted
),
oldest as (
  select min(first.run_at) as run_at
  from account
  cross join lateral (
    select run_at from queue q where q.account_id = account.id and q.run_at <= now()
    order by q.run_at limit 1
  ) first
),
later as (
  select l.lease is not null as in_flight,
         -- Held mail is looked at again at its deadline.
         case when l.lease is null and l.run_at >= l.deadline - interval '5 seconds'
              then (select a.on_unknown = 'hold' from accounts a where a.id = account.id)
              else false end as held
  from account
  cross join lateral (
    select lease, run_at, deadline from queue q
    where q.account_id = account.id and q.run_at > now() order by q.run_at limit $2
  ) l
  limit $1
)
select due.count as due,
       count(later) filter (where not in_flight and not held)::int as waiting,
       count(later) filter (where in_flight)::int as "inFlight",
       count(later) filter (where held)::int as held,
       coalesce(extract(epoch from now() - oldest.run_at), 0)::float8 as "oldestDueSeconds",
       (select greatest(reltuples, 0)::float8 from pg_class where oid = 'queue'::regclass) as estimate
from due cross join oldest left join later on true
group by due.count, oldest.run_at`;
