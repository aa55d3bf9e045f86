import type pg from 'pg';

export type StateCount = {
  readonly provider: string;
  readonly scope: 'connection' | 'receiver';
  readonly state: 'closed' | 'open' | 'half_open' | 'throttled' | 'invalid';
  readonly count: number;
};

/** How all connections in use do, of all accounts together. */
export async function countConnectionStates(client: Pick<pg.Pool, 'query'>): Promise<StateCount[]> {
  const result = await client.query<StateCount>({
    name: 'count-connection-states',
    text: `select c.provider, 'connection' as scope,
                  case when c.status = 'invalid' then 'invalid'
                       when b.state in ('open', 'half_open') then b.state
                       when c.paused_until > now() then 'throttled'
                       else 'closed' end as state,
                  count(*)::int as count
           from connections c
           left join connection_breakers b
             on b.account_id = c.account_id and b.connection_id = c.id and b.receiver = '*'
           where c.disabled_at is null
           group by 1, 2, 3
           union all
           select c.provider, 'receiver', b.state, count(*)::int
           from connection_breakers b
           join connections c on c.account_id = b.account_id and c.id = b.connection_id
           where b.receiver <> '*' and b.state <> 'closed' and c.disabled_at is null
           group by 1, 2, 3`,
  });
  return result.rows;
}
