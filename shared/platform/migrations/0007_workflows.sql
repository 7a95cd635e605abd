-- What running workflows need beside the pipeline: nodes of one task that are under way side by side, and what the
-- operation of dynamic nodes is counted and steered by.

-- A task never has two executions of one lane under way. The steps of the pipeline share the empty one; a node of a
-- workflow has a lane of its own.
alter table data_pipeline_task_executions
  add column lane varchar(50) not null default '',
  -- The function that works it, where its step doesn't tell.
  add column function_name varchar(100);
drop index idx_executions_one_active;
create unique index idx_executions_one_active on data_pipeline_task_executions (task_id, lane)
 where status in ('queued', 'running');

-- Told by what the task was asked to do.
alter table data_pipeline_tasks
  drop column workflow_id,
  drop column workflow_version,
  add column workflow_id varchar(100) not null generated always as (coalesce(parameters #>> '{workflow,id}', 'data_pipeline')) stored,
  add column workflow_version integer not null generated always as (coalesce((parameters #>> '{workflow,version}')::integer, 1)) stored;
create index idx_tasks_workflow on data_pipeline_tasks (workflow_id, created_at desc) where workflow_id <> 'data_pipeline';

-- Switches that people turn while everything runs.
create table settings (
  name varchar(100) primary key,
  value jsonb not null,
  updated_at timestamptz not null,
  updated_by varchar(50)
);

-- Each attempt to add a node, also those that failed: their share is watched.
create table node_creations (
  id bigserial primary key,
  name varchar(100) not null,
  version varchar(50),
  status varchar(20) not null check (status in ('success', 'failure')),
  error_code varchar(50),
  message text,
  created_at timestamptz not null,
  created_by varchar(50)
);
create index idx_node_creations_created_at on node_creations (created_at desc);

-- Each time the code of a node ran.
create table sandbox_runs (
  id bigserial primary key,
  node_name varchar(100) not null,
  node_version varchar(50),
  origin varchar(20) not null check (origin in ('trial', 'test', 'workflow')),
  task_id varchar(32),
  execution_id varchar(100),
  success boolean not null,
  exit_code integer not null,
  error_code varchar(50),
  duration_ms double precision not null,
  memory_bytes bigint,
  created_at timestamptz not null
);
create index idx_sandbox_runs_created_at on sandbox_runs (created_at desc);

create table workflow_rollbacks (
  id bigserial primary key,
  workflow_id varchar(100) not null references workflows (id) on delete cascade,
  snapshot_id bigint,
  from_version integer not null,
  to_version integer not null,
  cause varchar(30) not null check (cause in ('manual', 'batch', 'trial_failed', 'creation_failed', 'run_failed')),
  reason text not null,
  -- The four checks of a rollback: a snapshot was there, the state is as it was, no edge leads nowhere, it was recorded.
  checks jsonb not null,
  created_at timestamptz not null,
  created_by varchar(50)
);
create index idx_workflow_rollbacks_created_at on workflow_rollbacks (created_at desc);

alter table workflow_versions
  -- The content hash of each node definition that it was saved with, by name@version.
  add column frozen jsonb not null default '{}',
  -- The version whose state it repeats, where a rollback made it: undoing goes on from there.
  add column restores integer;
