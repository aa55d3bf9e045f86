-- Sessions that were logged out of before their time; kept until they would have ended by themselves.
create table ended_sessions (
  account_id uuid not null references accounts on delete cascade,
  id uuid not null,
  expires_at timestamptz not null,
  primary key (account_id, id)
);
