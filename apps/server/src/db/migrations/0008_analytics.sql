-- What was sent and what became of it, by day (UTC) and provider; '' where no provider was asked. Kept
-- apart from the mail, which may be deleted by its age. `accepted` counts mails, all else recipients,
-- each once a type; mail of test keys is not counted.
create table usage_days (
  account_id uuid not null references accounts on delete cascade,
  day date not null,
  provider text not null,
  type text not null,
  amount bigint not null,
  primary key (account_id, day, provider, type)
);

-- What came since it was last summed up. Only ever added to by those who send, so that none of them
-- waits for another over a sum, nor for the account's row.
create table usage_deltas (
  account_id uuid not null,
  id uuid not null default gen_random_uuid(),
  day date not null,
  provider text not null,
  type text not null,
  amount bigint not null,
  primary key (account_id, id)
) with (
  autovacuum_vacuum_scale_factor = 0.02,
  autovacuum_vacuum_threshold = 1000,
  autovacuum_vacuum_cost_delay = 0
);

create function add_accepted_usage() returns trigger language plpgsql as $$
begin
  insert into usage_deltas (account_id, day, provider, type, amount)
  select account_id, (created_at at time zone 'UTC')::date, '', 'accepted', count(*)
  from added
  where mode = 'live'
  group by 1, 2;
  return null;
end $$;
create trigger add_usage after insert on emails
  referencing new table as added
  for each statement execute function add_accepted_usage();

create function add_event_usage() returns trigger language plpgsql as $$
begin
  insert into usage_deltas (account_id, day, provider, type, amount)
  select n.account_id, n.day, n.provider, n.type, count(*)
  from (
    select a.account_id, a.email_id, a.recipient, t.type,
           (least(min(a.occurred_at), now()) at time zone 'UTC')::date as day,
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
create trigger add_usage after insert on email_events
  referencing new table as added
  for each statement execute function add_event_usage();

insert into usage_days (account_id, day, provider, type, amount)
select account_id, (created_at at time zone 'UTC')::date, '', 'accepted', count(*)
from emails
where mode = 'live'
group by 1, 2;

insert into usage_days (account_id, day, provider, type, amount)
select n.account_id, n.day, n.provider, n.type, count(*)
from (
  select e.account_id, e.email_id, e.recipient, t.type,
         (least(min(e.occurred_at), now()) at time zone 'UTC')::date as day,
         coalesce((array_agg(e.provider order by e.occurred_at, e.id))[1], '') as provider
  from email_events e
  join emails m on m.account_id = e.account_id and m.id = e.email_id and m.mode = 'live'
  cross join lateral (values (e.type), (case when e.bounce_type = 'hard' then 'hard_bounced' end))
    as t(type)
  where t.type is not null
  group by 1, 2, 3, 4
) n
group by 1, 2, 3, 4;
