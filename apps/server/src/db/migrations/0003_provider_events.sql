alter table suppressions add column evidence jsonb;
alter table suppressions add column expires_at timestamptz;
