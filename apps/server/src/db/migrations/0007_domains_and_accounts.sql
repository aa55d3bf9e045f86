alter table accounts
  -- Live mail is taken only from a verified domain, or one below it.
  add column require_verified_domain boolean not null default false,
  -- Days that emails, and apart from them their contents, are kept; null keeps them.
  add column retention_days integer check (retention_days > 0),
  add column content_retention_days integer check (content_retention_days > 0),
  -- Unusable from then on; its rows leave in the background.
  add column deleted_at timestamptz;
create index accounts_deleted_at on accounts (deleted_at) where deleted_at is not null;

-- The one domain a key may send from; null: any.
alter table api_keys add column domain text;

create table domains (
  account_id uuid not null references accounts on delete cascade,
  id uuid not null,
  -- ASCII, lower case.
  domain text not null,
  status text not null default 'pending' check (status in ('pending', 'verified')),
  verification_token text not null,
  verified_at timestamptz,
  -- What the last look at the DNS came to.
  check_status text check (check_status in ('found', 'missing', 'unreachable')),
  check_message text,
  checked_at timestamptz,
  -- Since when a verified domain's record is definitely not there.
  missing_since timestamptz,
  next_check_at timestamptz not null,
  check_tries integer not null default 0,
  -- The advised records as they were found at checked_at.
  advice jsonb not null default '[]',
  created_at timestamptz not null default now(),
  primary key (account_id, id)
);
create unique index domains_domain on domains (account_id, domain);
create index domains_next_check on domains (next_check_at);

-- Who changed what; written in the transaction of the change, never updated. No secrets.
create table audit_log (
  account_id uuid not null references accounts on delete cascade,
  id uuid not null,
  actor text not null check (actor in ('session', 'api_key', 'operator', 'system')),
  api_key_id uuid,
  action text not null,
  subject_id text,
  detail jsonb not null,
  occurred_at timestamptz not null default now(),
  primary key (account_id, id)
);
create index audit_log_action on audit_log (account_id, action, id);

-- For the housekeeping that takes expired entries off.
create index suppressions_expires_at on suppressions (expires_at) where expires_at is not null;
