import type pg from 'pg';

/** An email that a worker may now work on, as long as it holds the lease. */
export type Claim = {
  readonly accountId: string;
  readonly emailId: string;
  /** The fencing token: every later write names it, and changes nothing once it is lost. */
  readonly lease: string;
  readonly rounds: number;
  /** What the owner decided of a mail that was held; null for all others. */
  readonly release: Release | null;
};

/** A decision on one attempt in doubt; it says nothing of a later one. */
export type Release = {
  readonly attempt: number;
  readonly action: 'resend' | 'give_up';
};

export type ClaimOptions = {
  readonly lease: string;
  readonly leaseMs: number;
  readonly limit: number;
  /** At most this many of one account, so that a large account leaves room for the others. */
  readonly perAccount: number;
  /** Accounts of which fewer may be taken, since they have mail under way already. */
  readonly atMost: ReadonlyMap<string, number>;
  /**
   * Emails this worker has in hand. It does not take them again where their lease ran out: it renews it
   * when the database is back, or its clock is right.
   */
  readonly inHand: readonly string[];
  /** Accounts after this one are looked at, in the order of their ids. */
  readonly afterAccount: string;
};

export type ClaimResult = {
  readonly claims: readonly Claim[];
  /** Accounts with mail in the queue that were looked at. */
  readonly accounts: number;
  /** Where the next claim goes on; null when the last account was reached within the limit. */
  readonly lastAccount: string | null;
};

/** Accounts looked at in one claim: bounds its cost where thousands have mail waiting. */
export const ACCOUNTS_PER_CLAIM = 64;

/**
 * Takes due mail, a few of each account in turn. Two index probes an account and one a mail,
 * whatever waits: the first walks the distinct accounts of the queue, the second takes the due ones
 * of each by time. Rows are updated by ctid, which the row lock holds still: a join by key let the
 * planner read the whole queue.
 */
export async function claimEmails(pool: pg.Pool, options: ClaimOptions): Promise<ClaimResult> {
  const { lease, leaseMs, limit, perAccount, afterAccount, atMost, inHand } = options;
  const result = await pool.query<Row>({
    name: 'claim-emails',
    text: SQL,
    values: [
      ...[afterAccount, perAccount, limit, lease, leaseMs],
      ...[[...atMost.keys()], [...atMost.values()], inHand],
    ],
  });
  const claims: Claim[] = [];
  let accounts = 0;
  let lastAccount: string | null = null;
  for (const row of result.rows) {
    accounts = row.accounts;
    lastAccount = row.lastAccount;
    const { accountId, emailId, rounds, releasedAttempt: attempt, release: action } = row;
    if (accountId !== null && emailId !== null && rounds !== null) {
      const release = attempt !== null && action !== null ? { attempt, action } : null;
      claims.push({ accountId, emailId, rounds, lease, release });
    }
  }
  const lastSeen = accounts < ACCOUNTS_PER_CLAIM ? null : lastAccount;
  if (claims.length < limit) return { claims, accounts, lastAccount: lastSeen };
  // Accounts behind the one that took the last of the limit have had nothing: they are next.
  const lastServed = maxOf(claims.map(({ accountId }) => accountId));
  return { claims, accounts, lastAccount: lastServed === lastAccount ? lastSeen : lastServed };
}

function maxOf(ids: readonly string[]): string | null {
  return ids.reduce<string | null>((max, id) => (max === null || id > max ? id : max), null);
}

type Row = {
  accounts: number;
  lastAccount: string | null;
  accountId: string | null;
  emailId: string | null;
  rounds: number | null;
  releasedAttempt: number | null;
  release: Release['action'] | null;
};

const SQL = `
with recursive account(id, n) as (
  (select account_id, 1 from queue where account_id > $1 order by account_id limit 1)
  union all
  select (select q.account_id from queue q where q.account_id > account.id
          order by q.account_id limit 1), n + 1
  from account where account.id is not null and n < ${ACCOUNTS_PER_CLAIM}
),
visited as (
  select count(id)::int as accounts, max(id::text) as "lastAccount" from account
),
due as materialized (
  select q.place
  from account
  left join unnest($6::uuid[], $7::int[]) as own(id, most) on own.id = account.id
  cross join lateral (
    select ctid as place from queue
    where queue.account_id = account.id and queue.run_at <= now()
      and (queue.lease is null or queue.email_id <> all($8::uuid[]))
    order by queue.run_at
    limit least($2, own.most)
    for update skip locked
  ) q
  where account.id is not null
  limit $3
),
claimed as (
  update queue set lease = $4, run_at = now() + $5::float8 * interval '1 millisecond'
  where ctid = any(array(select place from due))
  returning account_id, email_id, rounds, released_attempt, release
)
select visited.*, claimed.account_id as "accountId", claimed.email_id as "emailId", claimed.rounds,
       claimed.released_attempt as "releasedAttempt", claimed.release
from visited left join claimed on true`;
