-- Keys start with the account's id, so that every table could be distributed by account. Mail
-- tables are partitioned by the email's id: UUIDv7 begins with the time, so a month of mail is one
-- partition of each and leaves by dropping it. Partitions are made by db/partitions.ts; the default
-- ones only catch what no month covers. Mail tables carry no foreign keys: they are the hot path.

create table accounts (
  id uuid primary key,
  name text not null,
  email text not null,
  password_hash text not null,
  session_version integer not null default 1,
  on_unknown text not null default 'fail_over' check (on_unknown in ('fail_over', 'hold', 'resend')),
  on_auth_failure text not null default 'stop' check (on_auth_failure in ('stop', 'fail_over')),
  deadline_seconds integer not null default 86400 check (deadline_seconds > 0),
  rate_limit_per_minute integer check (rate_limit_per_minute > 0),
  -- The key that encrypts this account's secrets, itself encrypted under the master key named beside it.
  data_key bytea not null,
  data_key_master text not null,
  created_at timestamptz not null default now()
);
create unique index accounts_email on accounts (lower(email));

create table api_keys (
  account_id uuid not null references accounts on delete cascade,
  id uuid not null,
  name text not null,
  mode text not null check (mode in ('live', 'test')),
  role text not null check (role in ('full', 'send', 'read')),
  prefix text not null,
  hash bytea not null,
  last_used_at timestamptz,
  expires_at timestamptz,
  revoked_at timestamptz,
  created_at timestamptz not null default now(),
  primary key (account_id, id)
);
-- Not unique only because a unique key would have to contain the account; 256 random bits don't meet.
create index api_keys_hash on api_keys (hash);

create table connections (
  account_id uuid not null references accounts on delete cascade,
  id uuid not null,
  provider text not null,
  display_name text not null,
  priority integer not null,
  status text not null check (status in ('verified', 'unverified', 'invalid')),
  verification_status text not null check (verification_status in ('verified', 'failed', 'unreachable')),
  verification_message text not null,
  verified_at timestamptz,
  next_verification_at timestamptz,
  verification_tries integer not null default 0,
  settings jsonb not null,
  secrets bytea,
  secrets_hint text,
  webhook_token text not null,
  webhook_secret bytea,
  version integer not null default 1,
  -- Set by dispatch when the provider asks us to wait or can't be used for now.
  paused_until timestamptz,
  pause_reason text,
  disabled_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (account_id, id)
);
create index connections_next_verification on connections (next_verification_at)
  where next_verification_at is not null;

create table suppressions (
  account_id uuid not null references accounts on delete cascade,
  address text not null,
  reason text not null check (reason in ('bounce', 'complaint', 'unsubscribe', 'manual')),
  id uuid not null,
  note text,
  created_at timestamptz not null default now(),
  primary key (account_id, address, reason)
);
create unique index suppressions_id on suppressions (account_id, id);

create table idempotency_keys (
  account_id uuid not null,
  key text not null,
  email_id uuid not null,
  created_at timestamptz not null,
  primary key (account_id, key)
);
create index idempotency_keys_created_at on idempotency_keys (created_at);

-- What was asked: written once, never updated.
create table emails (
  account_id uuid not null,
  id uuid not null,
  mode text not null,
  message_id text not null,
  from_email text not null,
  from_name text,
  reply_to jsonb not null,
  -- [{ "type": "to" | "cc" | "bcc", "address", "name" }]; email_states counts on this order.
  recipients jsonb not null,
  -- The lower-cased addresses, for the search by a part of one.
  recipient_search text not null,
  subject text not null,
  tags text[] not null,
  metadata jsonb not null,
  deadline timestamptz not null,
  created_at timestamptz not null,
  primary key (account_id, id)
) partition by range (id);

-- What an email comes to, given what its recipients come to: open ones first, then the best news.
create function email_status(statuses text[]) returns text language sql immutable as $$
  select case
    when 'queued' = any(statuses) then 'queued'
    when 'sent' = any(statuses) then 'sent'
    when 'delivered' = any(statuses) then 'delivered'
    when 'bounced' = any(statuses) then 'bounced'
    when 'failed' = any(statuses) then 'failed'
    else 'suppressed'
  end
$$;

create table email_contents (
  account_id uuid not null,
  email_id uuid not null,
  html text,
  text text,
  -- [{ "name", "value" }] in the caller's order.
  headers jsonb not null,
  primary key (account_id, email_id)
) partition by range (email_id);

create table email_attachments (
  account_id uuid not null,
  email_id uuid not null,
  position integer not null,
  filename text not null,
  content_type text not null,
  content_id text,
  content bytea not null,
  primary key (account_id, email_id, position)
) partition by range (email_id);
alter table email_attachments alter column content set storage external;

-- Where it stands: a narrow row that changes.
create table email_states (
  account_id uuid not null,
  email_id uuid not null,
  status text not null,
  -- One status a recipient, in the order of emails.recipients.
  recipient_statuses text[] not null,
  reason text,
  sent_at timestamptz,
  updated_at timestamptz not null,
  primary key (account_id, email_id)
) partition by range (email_id);
create index email_states_status on email_states (account_id, status, email_id);

-- One call to one provider. The row is committed before the call; an open row (no outcome) of a
-- worker that is gone means that the mail may have left.
create table attempts (
  account_id uuid not null,
  email_id uuid not null,
  number integer not null,
  connection_id uuid not null,
  connection_name text not null,
  provider text not null,
  lease uuid not null,
  trace text[] not null,
  outcome text check (outcome in ('accepted', 'rejected', 'failed', 'unknown')),
  scope text check (scope in ('message', 'recipient', 'connection', 'provider')),
  reason text,
  detail text,
  status_code integer,
  provider_message_id text,
  latency_ms integer,
  started_at timestamptz not null,
  finished_at timestamptz,
  primary key (account_id, email_id, number)
) partition by range (email_id);

create table email_events (
  account_id uuid not null,
  email_id uuid not null,
  id uuid not null,
  type text not null,
  recipient text,
  provider text,
  connection_id uuid,
  detail text,
  occurred_at timestamptz not null,
  primary key (account_id, email_id, id)
) partition by range (email_id);

create table emails_default partition of emails default;
create table email_contents_default partition of email_contents default;
create table email_attachments_default partition of email_attachments default;
create table email_states_default partition of email_states default;
create table attempts_default partition of attempts default;
create table email_events_default partition of email_events default;

-- The mails still to be sent. `run_at` is the next attempt and, while `lease` is set, the end of the
-- lease: a dead worker's mail comes back by itself. Rows leave when the mail's sending is over.
create table queue (
  account_id uuid not null,
  email_id uuid not null,
  run_at timestamptz not null,
  lease uuid,
  -- Passes over all connections that came to nothing; feeds the backoff.
  rounds integer not null default 0,
  deadline timestamptz not null,
  primary key (account_id, email_id)
) with (
  fillfactor = 70,
  autovacuum_vacuum_scale_factor = 0.02,
  autovacuum_vacuum_threshold = 500,
  autovacuum_vacuum_cost_delay = 0
);
create index queue_due on queue (account_id, run_at);

create table sandbox_messages (
  account_id uuid not null references accounts on delete cascade,
  email_id uuid not null,
  connection_id uuid not null,
  attempt_number integer not null,
  message jsonb not null,
  created_at timestamptz not null default now(),
  primary key (account_id, email_id, connection_id)
);

create table rate_limits (
  key text not null,
  window_start timestamptz not null,
  count integer not null,
  primary key (key, window_start)
);
