-- Who was told of an alert, how components do, and what requests took.

alter table alerts add column component varchar(50) not null default 'system';
alter table alerts add column message_zh text;
alter table alerts add column response_minutes integer;
alter table alerts add column acknowledged_at timestamptz;
create index idx_alerts_resolved_at on alerts (resolved_at) where status = 'resolved';

alter table alert_rules add column response_minutes integer check (response_minutes > 0);

-- How many checks in a row have found a rule broken.
create table alert_streaks (
  rule varchar(100) primary key,
  breaches integer not null,
  checked_at timestamptz not null
);

-- The same alert is told once in so long on a channel: whoever moves this row may tell it.
create table alert_windows (
  fingerprint varchar(200) not null,
  severity varchar(2) not null,
  channel varchar(20) not null,
  alert_id bigint not null,
  began_at timestamptz not null,
  ends_at timestamptz not null,
  primary key (fingerprint, severity, channel)
);

-- What was to be told of one alert on one channel. Those of one message share its id, which its receiver knows repeats by.
create table alert_deliveries (
  id bigserial primary key,
  message_id varchar(100) not null,
  alert_id bigint not null references alerts (id) on delete cascade,
  channel varchar(20) not null,
  kind varchar(10) not null check (kind in ('firing', 'resolved')),
  status varchar(20) not null check (status in ('taken', 'retrying', 'sent', 'dropped')),
  -- Who is sending it now: a word of chance.
  taken_by varchar(100) not null,
  claim integer not null default 1,
  attempts integer not null default 0,
  -- When it may be taken again: the end of a lease, or of a pause after a failure.
  next_at timestamptz not null,
  reason text,
  created_at timestamptz not null,
  sent_at timestamptz
);
create index idx_deliveries_alert on alert_deliveries (alert_id, channel);
create index idx_deliveries_due on alert_deliveries (channel, next_at) where status in ('taken', 'retrying');
create unique index idx_deliveries_resolved_once on alert_deliveries (alert_id, channel) where kind = 'resolved';

-- A component changes its status after some equal readings in a row.
create table component_health (
  component varchar(50) primary key,
  status varchar(20) not null check (status in ('healthy', 'degraded', 'unhealthy')),
  reading varchar(20) not null check (reading in ('healthy', 'degraded', 'unhealthy')),
  readings integer not null default 1,
  reason text,
  reason_zh text,
  checked_at timestamptz not null,
  changed_at timestamptz not null
);

-- A sample may sum up many measurements: their number, and how many lay at or below each bound.
alter table metric_samples add column count integer not null default 1;
alter table metric_samples add column buckets integer[];
create unique index idx_samples_once on metric_samples (metric, at, labels, instance);
create index idx_samples_at on metric_samples (at);

-- What has been counted since the beginning; samples are forgotten, these are not.
create table metric_totals (
  metric varchar(200) not null,
  labels jsonb not null default '{}',
  count bigint not null,
  sum double precision not null,
  buckets bigint[] not null,
  primary key (metric, labels)
);
