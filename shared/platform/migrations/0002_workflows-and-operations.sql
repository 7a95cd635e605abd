-- Workflows, dynamic nodes and what the operations layer keeps.

create table workflows (
  id varchar(100) primary key,
  name varchar(200) not null,
  description text,
  current_version integer not null default 1,
  enabled boolean not null default true,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  created_by varchar(50)
);

-- Versions never change; a task keeps the one it started with.
create table workflow_versions (
  workflow_id varchar(100) not null references workflows (id) on delete cascade,
  version integer not null,
  definition jsonb not null,
  content_hash varchar(64) not null,
  created_at timestamptz not null,
  created_by varchar(50),
  primary key (workflow_id, version)
);

create table workflow_snapshots (
  id bigserial primary key,
  workflow_id varchar(100) not null references workflows (id) on delete cascade,
  version integer not null,
  state jsonb not null,
  reason text not null,
  created_at timestamptz not null,
  created_by varchar(50)
);
create index idx_snapshots_workflow on workflow_snapshots (workflow_id, created_at desc);

create table node_definitions (
  name varchar(100) not null,
  version varchar(50) not null,
  executor_type varchar(20) not null check (executor_type in ('code', 'sql', 'llm', 'step')),
  definition jsonb not null,
  content_hash varchar(64) not null,
  enabled boolean not null default true,
  created_at timestamptz not null,
  created_by varchar(50),
  primary key (name, version)
);

create table node_trials (
  id bigserial primary key,
  node_name varchar(100) not null,
  node_version varchar(50),
  success boolean not null,
  inputs jsonb,
  result jsonb not null,
  duration_ms integer not null,
  memory_bytes bigint,
  created_at timestamptz not null
);
create index idx_trials_node on node_trials (node_name, created_at desc);

create table alert_rules (
  name varchar(100) primary key,
  metric varchar(200) not null,
  comparison varchar(2) not null check (comparison in ('>', '>=', '<', '<=', '=')),
  threshold double precision not null,
  severity varchar(2) not null check (severity in ('P0', 'P1', 'P2')),
  for_samples integer not null default 1 check (for_samples > 0),
  enabled boolean not null default true,
  updated_at timestamptz not null,
  updated_by varchar(50)
);

create table alerts (
  id bigserial primary key,
  rule varchar(100) not null,
  fingerprint varchar(200) not null,
  severity varchar(2) not null check (severity in ('P0', 'P1', 'P2')),
  status varchar(20) not null check (status in ('firing', 'acknowledged', 'silenced', 'resolved')),
  message text not null,
  value double precision,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  notified_at timestamptz,
  acknowledged_by varchar(50),
  silenced_until timestamptz,
  resolved_at timestamptz
);
create unique index idx_alerts_open on alerts (fingerprint) where status <> 'resolved';
create index idx_alerts_last_seen on alerts (last_seen_at desc);

create table incidents (
  id bigserial primary key,
  fault varchar(100) not null,
  target varchar(300) not null,
  severity varchar(2) not null check (severity in ('P0', 'P1', 'P2')),
  status varchar(20) not null check (status in ('detected', 'diagnosed', 'repairing', 'verified', 'escalated')),
  diagnosis text,
  repair varchar(100),
  attempts integer not null default 0,
  occurred_at timestamptz,
  detected_at timestamptz not null,
  repaired_at timestamptz,
  verified_at timestamptz,
  details jsonb not null default '{}'
);
create unique index idx_incidents_open on incidents (fault, target) where status not in ('verified', 'escalated');

create table error_budgets (
  operation varchar(200) primary key,
  consecutive_failures integer not null default 0,
  state varchar(20) not null default 'closed' check (state in ('closed', 'degraded', 'restart_asked')),
  last_error_code varchar(50),
  probe_at timestamptz,
  updated_at timestamptz not null
);

create table scans (
  id varchar(50) primary key,
  started_at timestamptz not null,
  completed_at timestamptz,
  findings jsonb not null default '[]',
  counts jsonb not null default '{}',
  started_by varchar(50)
);
create index idx_scans_started_at on scans (started_at desc);

create table cleanups (
  id varchar(50) primary key,
  task_id varchar(32) not null,
  executed boolean not null,
  plan jsonb not null,
  snapshot jsonb,
  verified boolean,
  rolled_back_at timestamptz,
  created_at timestamptz not null,
  created_by varchar(50)
);
create index idx_cleanups_task on cleanups (task_id, created_at desc);

create table audit_log (
  id bigserial primary key,
  at timestamptz not null,
  actor varchar(100) not null,
  action varchar(100) not null,
  target varchar(300) not null,
  reason text,
  before jsonb,
  after jsonb,
  request_id varchar(100)
);
create index idx_audit_at on audit_log (at desc);
create index idx_audit_target on audit_log (target, at desc);

create table metric_samples (
  metric varchar(200) not null,
  labels jsonb not null default '{}',
  at timestamptz not null,
  value double precision not null,
  instance varchar(100) not null
);
create index idx_samples_metric on metric_samples (metric, at desc);
