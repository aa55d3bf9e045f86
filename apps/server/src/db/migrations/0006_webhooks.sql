-- Where an account is told of its events, and what is to be told. No row of `webhook_deliveries` refers
-- to its endpoint by a foreign key: an endpoint deleted at this moment must never fail the statement
-- that records what became of a mail. What is left over is deleted by the clock.
create table webhook_endpoints (
  account_id uuid not null references accounts on delete cascade,
  id uuid not null,
  url text not null,
  description text,
  -- Empty: every event of the account's emails.
  events text[] not null,
  secret bytea not null,
  -- The secret before the last rotation, which signs beside the new one for a while.
  old_secret bytea,
  old_secret_until timestamptz,
  disabled_at timestamptz,
  disabled_reason text,
  -- Since when no delivery has succeeded; null while all is well.
  failing_since timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (account_id, id)
);

-- One event for one endpoint. `run_at` is the next try and, while `lease` is set, the end of the lease:
-- a dead worker's delivery comes back by itself. Null: nothing is due.
create table webhook_deliveries (
  account_id uuid not null,
  -- Also the `webhook-id` that receivers tell repetitions by.
  id uuid not null,
  endpoint_id uuid not null,
  kind text not null check (kind in ('email', 'account', 'test')),
  event_id uuid not null,
  email_id uuid,
  type text not null,
  recipient text,
  provider text,
  -- What an account event is about.
  data jsonb,
  occurred_at timestamptz not null,
  status text not null default 'pending' check (status in ('pending', 'succeeded', 'failed')),
  run_at timestamptz,
  lease uuid,
  -- Since the delivery was made, or last replayed; feeds the backoff.
  tries integer not null default 0,
  attempts integer not null default 0,
  last_status_code integer,
  last_error text,
  last_attempt_at timestamptz,
  created_at timestamptz not null default now(),
  primary key (account_id, id)
) with (
  fillfactor = 80,
  autovacuum_vacuum_scale_factor = 0.02,
  autovacuum_vacuum_threshold = 500
);
create index webhook_deliveries_due on webhook_deliveries (account_id, endpoint_id, run_at)
  where run_at is not null;
create index webhook_deliveries_log on webhook_deliveries (account_id, endpoint_id, id);
create index webhook_deliveries_age on webhook_deliveries using brin (created_at);

create table webhook_delivery_attempts (
  account_id uuid not null,
  delivery_id uuid not null,
  number integer not null,
  status_code integer,
  -- The beginning of what the endpoint answered.
  answer text,
  error text,
  latency_ms integer not null,
  attempted_at timestamptz not null default now(),
  primary key (account_id, delivery_id, number),
  foreign key (account_id, delivery_id) references webhook_deliveries on delete cascade
);

-- A UUIDv7: PostgreSQL has one of its own only from version 18 on.
create function new_webhook_delivery_id() returns uuid language sql volatile as $$
  select encode(
    set_bit(set_bit(
      overlay(uuid_send(gen_random_uuid())
              placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
              from 1 for 6),
      52, 1), 53, 1),
    'hex')::uuid
$$;

-- An event and its deliveries are written by one statement: neither stands without the other.
create function add_email_webhook_deliveries() returns trigger language plpgsql as $$
begin
  insert into webhook_deliveries (account_id, id, endpoint_id, kind, event_id, email_id, type,
                                  recipient, provider, occurred_at, run_at)
  select e.account_id, new_webhook_delivery_id(), w.id, 'email', e.id, e.email_id, e.type,
         e.recipient, e.provider, e.occurred_at, case when w.disabled_at is null then now() end
  -- One index probe an account, however many endpoints others have.
  from (select distinct account_id from added) a
  cross join lateral (
    select id, events, disabled_at from webhook_endpoints where account_id = a.account_id offset 0
  ) w
  join added e on e.account_id = a.account_id
  where case when w.events = '{}'
             then e.type in ('sent', 'delivered', 'deferred', 'bounced', 'complained', 'opened',
                             'clicked', 'unsubscribed', 'failed', 'suppressed')
             else e.type = any(w.events) end;
  if found then
    perform pg_notify('courierx_webhooks', '');
  end if;
  return null;
end $$;
create trigger add_webhook_deliveries after insert on email_events
  referencing new table as added
  for each statement execute function add_email_webhook_deliveries();

create function add_account_webhook_deliveries() returns trigger language plpgsql as $$
begin
  insert into webhook_deliveries (account_id, id, endpoint_id, kind, event_id, type, data, occurred_at,
                                  run_at)
  select e.account_id, new_webhook_delivery_id(), w.id, 'account', e.id, e.type, e.data, e.occurred_at,
         case when w.disabled_at is null then now() end
  from added e
  join webhook_endpoints w on w.account_id = e.account_id and e.type = any(w.events);
  if found then
    perform pg_notify('courierx_webhooks', '');
  end if;
  return null;
end $$;
create trigger add_webhook_deliveries after insert on account_events
  referencing new table as added
  for each statement execute function add_account_webhook_deliveries();
