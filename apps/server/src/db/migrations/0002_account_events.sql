-- What happened to an account's own things (a connection that degraded or recovered, a key that was
-- refused), as told to its webhooks and shown in its dashboard. Kept apart from the mails' events.
create table account_events (
  account_id uuid not null references accounts on delete cascade,
  id uuid not null,
  type text not null,
  -- What it is about, as the webhook's payload shows it; no secrets.
  data jsonb not null,
  occurred_at timestamptz not null default now(),
  primary key (account_id, id)
);
