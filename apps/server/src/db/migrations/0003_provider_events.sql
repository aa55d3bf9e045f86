-- What providers report: requests as they came, events that wait for their mail, and what they prove.

alter table suppressions
  add column evidence jsonb,
  add column expires_at timestamptz;

alter table connections
  -- When a genuine request last came to its webhook URL.
  add column last_event_at timestamptz,
  -- Since when it sends without hearing anything; null while all is well.
  add column silent_since timestamptz;
create index connections_webhook_token on connections (webhook_token);

-- A request is kept as it came until it is processed; its replay key for as long as the vendor may
-- repeat it.
create table webhook_requests (
  account_id uuid not null references accounts on delete cascade,
  id uuid not null,
  connection_id uuid not null,
  replay_key text,
  body_hash bytea not null,
  headers jsonb not null,
  body bytea,
  received_at timestamptz not null default now(),
  -- The next try, or the end of the lease; null once it is over.
  run_at timestamptz default now(),
  lease uuid,
  tries integer not null default 0,
  error text,
  primary key (account_id, id)
);
create unique index webhook_requests_replay_key
  on webhook_requests (account_id, connection_id, replay_key);
create index webhook_requests_due on webhook_requests (run_at) where run_at is not null;
create index webhook_requests_received_at on webhook_requests (received_at);

-- Events whose mail is not found (yet), and those that a provider told with its answer.
create table waiting_events (
  account_id uuid not null references accounts on delete cascade,
  id uuid not null,
  connection_id uuid not null,
  fingerprint text not null,
  event jsonb not null,
  -- What the event says its mail is; when that mail is sent, the event is looked at again.
  email_id uuid,
  provider_message_id text,
  run_at timestamptz not null default now(),
  tries integer not null default 0,
  received_at timestamptz not null default now(),
  primary key (account_id, id)
);
create unique index waiting_events_fingerprint
  on waiting_events (account_id, connection_id, fingerprint);
create index waiting_events_due on waiting_events (run_at);
create index waiting_events_email on waiting_events (account_id, email_id)
  where email_id is not null;
create index waiting_events_message
  on waiting_events (account_id, connection_id, provider_message_id)
  where provider_message_id is not null;

alter table email_events
  -- Tells repeats of one report; null for what CourierX itself says.
  add column fingerprint text,
  -- The vendor's own word.
  add column word text,
  add column url text,
  add column bounce_type text check (bounce_type in ('hard', 'soft'));
create unique index email_events_fingerprint
  on email_events (account_id, email_id, fingerprint) where fingerprint is not null;

create index attempts_provider_message_id
  on attempts (account_id, connection_id, provider_message_id)
  where provider_message_id is not null;

-- Mails in a row to one address that came back for a passing reason; a delivery ends the row.
create table soft_bounces (
  account_id uuid not null references accounts on delete cascade,
  address text not null,
  mails integer not null,
  last_email_id uuid not null,
  since timestamptz not null,
  primary key (account_id, address)
);

-- How far each status is along, as providers/status.ts has it: a recipient only ever moves up.
create function email_status_rank(status text) returns integer language sql immutable as $$
  select case status
    when 'queued' then 0 when 'sent' then 1 when 'suppressed' then 2 when 'failed' then 2
    when 'delivered' then 3 when 'bounced' then 4
  end
$$;
