-- What happened to a mail happened after it was accepted, whatever a provider's clock says: a report of
-- 1970 counts on the day the mail was made.
create or replace function add_event_usage() returns trigger language plpgsql as $$
begin
  insert into usage_deltas (account_id, day, provider, type, amount)
  select n.account_id, (greatest(n.at, m.created_at) at time zone 'UTC')::date as day, n.provider,
         n.type, count(*)
  from (
    select a.account_id, a.email_id, a.recipient, t.type,
           least(min(a.occurred_at), now()) as at,
           coalesce((array_agg(a.provider order by a.occurred_at, a.id))[1], '') as provider,
           count(*) as fresh
    from added a
    cross join lateral (values (a.type), (case when a.bounce_type = 'hard' then 'hard_bounced' end))
      as t(type)
    where t.type is not null
    group by 1, 2, 3, 4
  ) n
  join emails m on m.account_id = n.account_id and m.id = n.email_id and m.mode = 'live'
  -- The first of its kind: whoever adds events of a mail holds its row of email_states.
  where n.fresh = (select count(*) from email_events e
                   where e.account_id = n.account_id and e.email_id = n.email_id
                     and e.recipient is not distinct from n.recipient
                     and case when n.type = 'hard_bounced' then e.bounce_type = 'hard'
                              else e.type = n.type end)
  group by 1, 2, 3, 4;
  return null;
end $$;
