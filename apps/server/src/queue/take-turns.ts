import type pg from 'pg';

/** How many mails of a batch a rule deals out. */
export type TurnsWanted = {
  readonly accountId: string;
  readonly ruleId: string;
  readonly count: number;
};

/**
 * Takes the next turns of rules, each rule's in a row; returns the first of each, by rule. Every
 * process takes from the same numbers, so shares and turns hold over all of them together. One
 * statement a batch, on a table that is not logged: nothing waits for the disk (a logged counter
 * would hold its row until the flush, with the other workers behind it). Rules are taken in order, so
 * that two batches can't wait for each other.
 */
export async function takeTurns(
  pool: pg.Pool,
  wanted: readonly TurnsWanted[],
): Promise<ReadonlyMap<string, number>> {
  const result = await pool.query<{ ruleId: string; first: string }>({
    name: 'take-turns',
    text: `insert into routing_turns as t (account_id, rule_id, next)
           select account_id, rule_id, count
           from unnest($1::uuid[], $2::uuid[], $3::bigint[]) as w(account_id, rule_id, count)
           order by account_id, rule_id
           on conflict (account_id, rule_id) do update set next = t.next + excluded.next
           returning rule_id as "ruleId",
                     next - (select count from unnest($2::uuid[], $3::bigint[]) as w(id, count)
                             where w.id = rule_id) as first`,
    values: [
      wanted.map(({ accountId }) => accountId),
      wanted.map(({ ruleId }) => ruleId),
      wanted.map(({ count }) => count),
    ],
  });
  return new Map(result.rows.map(({ ruleId, first }) => [ruleId, Number(first)]));
}

/** The turn that the next mail would get, without taking it. */
export async function peekTurn(pool: pg.Pool, accountId: string, ruleId: string): Promise<number> {
  const result = await pool.query<{ next: string }>({
    name: 'peek-turn',
    text: 'select next from routing_turns where account_id = $1 and rule_id = $2',
    values: [accountId, ruleId],
  });
  return Number(result.rows[0]?.next ?? 0);
}
