-- Which connections an account's mail goes through. With no rule: all of them, by priority.
create table routing_rules (
  account_id uuid not null references accounts on delete cascade,
  id uuid not null,
  name text not null,
  position integer not null,
  -- Lower-case ASCII; each one that is set has to match.
  sender_domain text,
  recipient_domain text,
  tag text,
  strategy text not null
    check (strategy in ('priority', 'weighted', 'round_robin', 'failover_only')),
  -- Made for sandboxes alone. Told at writing: a sandbox that is left over once its neighbours were
  -- deleted must not swallow live mail.
  sandbox_only boolean not null,
  disabled_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (account_id, id)
);
-- One default in use.
create unique index routing_rules_default on routing_rules (account_id)
  where disabled_at is null and sender_domain is null and recipient_domain is null and tag is null;

create table routing_rule_connections (
  account_id uuid not null,
  rule_id uuid not null,
  connection_id uuid not null,
  -- Its place in the list, as the caller gave it.
  position integer not null,
  priority integer not null,
  weight double precision not null check (weight >= 0),
  failover_only boolean not null,
  primary key (account_id, rule_id, connection_id),
  foreign key (account_id, rule_id) references routing_rules on delete cascade,
  foreign key (account_id, connection_id) references connections on delete cascade
);
create index routing_rule_connections_connection
  on routing_rule_connections (account_id, connection_id);

-- The next turn of each rule that deals mail out. Unlogged: taking turns costs no flush of the log,
-- and what a crash takes away is where the dealing stood, which matters to nobody.
create unlogged table routing_turns (
  account_id uuid not null references accounts on delete cascade,
  rule_id uuid not null,
  next bigint not null,
  primary key (account_id, rule_id)
) with (fillfactor = 50);
