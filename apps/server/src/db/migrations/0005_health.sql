-- What a connection may send, as its owner says; null: no cap.
alter table connections
  add column max_per_second double precision check (max_per_second > 0),
  add column max_per_day integer check (max_per_day > 0),
  add column max_per_month integer check (max_per_month > 0),
  -- Of a hundred mails, how many go to this standby first, so that it is never cold.
  add column keep_warm_percent integer not null default 0 check (keep_warm_percent between 0 and 50),
  -- What the provider said of itself when it was last verified.
  add column learned jsonb,
  -- When the credentials were found refused; null while they are not.
  add column invalid_since timestamptz;

-- Whether mail may go by a connection, for all receivers ('*') or for those of one domain or mail
-- service. Written on transitions and for probes only; no row: closed.
create table connection_breakers (
  account_id uuid not null,
  connection_id uuid not null,
  receiver text not null,
  state text not null check (state in ('closed', 'open', 'half_open')),
  reason text not null,
  -- Since when it is not closed; once closed, since when it is.
  since timestamptz not null,
  -- Openings without a long quiet between them: each is longer than the one before.
  openings integer not null,
  next_probe_at timestamptz not null,
  -- Probes under way, believed until the time below: a dead worker's permit comes back by itself.
  probes integer not null default 0,
  probes_until timestamptz,
  successes integer not null default 0,
  primary key (account_id, connection_id, receiver),
  foreign key (account_id, connection_id) references connections on delete cascade
);

-- How fast a connection with a limit is used, by all workers together.
create table connection_paces (
  account_id uuid not null,
  connection_id uuid not null,
  -- Mails let go lately: how many in which 25 ms of the clock, as long as the rate has to know.
  recent_slots bigint[] not null default '{}',
  recent_counts integer[] not null default '{}',
  -- Mails a second after the provider's last refusal for speed, and when that was.
  throttled_rate double precision,
  throttled_at timestamptz,
  day date not null default '-infinity',
  day_count integer not null default 0,
  month date not null default '-infinity',
  month_count integer not null default 0,
  primary key (account_id, connection_id),
  foreign key (account_id, connection_id) references connections on delete cascade
) with (fillfactor = 50);

-- What the owner decided of a mail that was held because it may have been sent: the number of the
-- attempt in doubt, and whether another may be made.
alter table queue
  add column released_attempt integer,
  add column release text check (release in ('resend', 'give_up'));
