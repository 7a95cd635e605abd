-- The four tables of the pipeline with every column and index of the specification, and what the durable engine needs.

create table data_pipeline_tasks (
  id varchar(32) primary key,
  task_type varchar(50) not null,
  status varchar(20) not null,
  parameters jsonb not null,
  result jsonb,
  error_message text,
  error_code varchar(50),
  step_status jsonb not null default '{"ddl_generation": "pending", "qa_generation": "pending", "sql_validation": "pending", "training_load": "pending"}',
  output_directory text,
  created_at timestamptz not null,
  started_at timestamptz,
  completed_at timestamptz,
  created_by varchar(50),
  db_name varchar(100),
  business_context text,
  priority integer not null default 0 check (priority between -100 and 100),
  concurrency_key varchar(200) not null,
  idempotency_key varchar(200),
  progress integer not null default 0 check (progress between 0 and 100),
  workflow_id varchar(100) not null default 'data_pipeline',
  workflow_version integer not null default 1,
  event_seq bigint not null default 0,
  constraint data_pipeline_tasks_status_check
    check (status in ('pending', 'in_progress', 'partial_completed', 'completed', 'failed', 'cancelled'))
);

create index idx_tasks_status on data_pipeline_tasks (status);
create index idx_tasks_created_at on data_pipeline_tasks (created_at desc);
create index idx_tasks_db_name on data_pipeline_tasks (db_name);
create index idx_tasks_created_by on data_pipeline_tasks (created_by);
-- Lists page by (created_at, id), newest first.
create index idx_tasks_page on data_pipeline_tasks (created_at desc, id desc);
create unique index idx_tasks_idempotency_key on data_pipeline_tasks (idempotency_key) where idempotency_key is not null;

create table data_pipeline_task_executions (
  id bigserial primary key,
  task_id varchar(32) not null references data_pipeline_tasks (id) on delete cascade,
  execution_step varchar(50) not null,
  status varchar(20) not null,
  started_at timestamptz,
  completed_at timestamptz,
  error_message text,
  error_code varchar(50),
  execution_result jsonb,
  execution_id varchar(100) not null unique,
  force_executed boolean not null default false,
  files_cleaned boolean not null default false,
  -- Whether the step's old files are to be removed before it starts.
  clean_previous boolean not null default false,
  created_at timestamptz not null,
  -- The run that the execution belongs to: its own id, or the id that execute-complete answered.
  run_id varchar(100) not null,
  -- Steps that the run goes on with when this one completes, in order.
  remaining_steps text[] not null default '{}',
  attempt integer not null default 0,
  max_attempts integer not null default 3,
  -- The fencing token: rises each time a worker takes the execution.
  claim integer not null default 0,
  available_at timestamptz not null,
  -- When the schedule let the run in; null while it waits for room.
  admitted_at timestamptz,
  lease_owner varchar(100),
  lease_expires_at timestamptz,
  heartbeat_at timestamptz,
  cancel_requested_at timestamptz,
  timeout_ms bigint not null,
  deadline_at timestamptz,
  progress real not null default 0,
  constraint data_pipeline_task_executions_status_check
    check (status in ('queued', 'running', 'completed', 'failed', 'cancelled'))
);

create index idx_executions_task_id on data_pipeline_task_executions (task_id);
create index idx_executions_step on data_pipeline_task_executions (execution_step);
create index idx_executions_status on data_pipeline_task_executions (status);
create index idx_executions_started_at on data_pipeline_task_executions (started_at desc);
-- A task never has two steps under way: the guard of every execute, under any number of processes.
create unique index idx_executions_one_active on data_pipeline_task_executions (task_id) where status in ('queued', 'running');
-- What the sweep reads: lapsed leases, and executions that wait unclaimed.
create index idx_executions_lease on data_pipeline_task_executions (lease_expires_at) where status = 'running';
create index idx_executions_available on data_pipeline_task_executions (available_at) where status = 'queued';

create table data_pipeline_task_logs (
  id bigserial primary key,
  task_id varchar(32) not null references data_pipeline_tasks (id) on delete cascade,
  execution_id varchar(100) references data_pipeline_task_executions (execution_id) on delete cascade,
  log_level varchar(10) not null check (log_level in ('DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL')),
  message text not null,
  step_name varchar(50),
  module_name varchar(100),
  function_name varchar(100),
  timestamp timestamptz not null,
  extra_data jsonb not null default '{}'
);

create index idx_logs_task_id on data_pipeline_task_logs (task_id, id);
create index idx_logs_execution_id on data_pipeline_task_logs (execution_id);
create index idx_logs_timestamp on data_pipeline_task_logs (timestamp desc);
create index idx_logs_level on data_pipeline_task_logs (log_level);
create index idx_logs_step on data_pipeline_task_logs (step_name);
-- Keyword search: a text-search index, since a trigram index makes inserts many times dearer.
create index idx_logs_search on data_pipeline_task_logs using gin (to_tsvector('simple', message));

create table data_pipeline_task_outputs (
  id bigserial primary key,
  task_id varchar(32) not null references data_pipeline_tasks (id) on delete cascade,
  execution_id varchar(100) references data_pipeline_task_executions (execution_id) on delete cascade,
  step_name varchar(50),
  file_type varchar(50) not null,
  file_name varchar(255) not null,
  file_path text not null,
  file_size bigint not null default 0,
  content_hash varchar(64),
  description text,
  created_at timestamptz not null,
  modified_at timestamptz not null,
  is_primary boolean not null default false,
  is_downloadable boolean not null default true,
  unique (task_id, file_name)
);

create index idx_outputs_task_id on data_pipeline_task_outputs (task_id);
create index idx_outputs_execution_id on data_pipeline_task_outputs (execution_id);
create index idx_outputs_file_type on data_pipeline_task_outputs (file_type);
create index idx_outputs_primary on data_pipeline_task_outputs (is_primary) where is_primary = true;

-- An item of a step that is done: never worked twice.
create table task_checkpoints (
  task_id varchar(32) not null references data_pipeline_tasks (id) on delete cascade,
  step varchar(50) not null,
  item text not null,
  value jsonb,
  execution_id varchar(100) not null,
  claim integer not null,
  created_at timestamptz not null,
  primary key (task_id, step, item)
);

-- An ordered feed behind live views; seq comes from the task's row, so order of numbers is order of commits.
create table task_events (
  task_id varchar(32) not null references data_pipeline_tasks (id) on delete cascade,
  seq bigint not null,
  type varchar(30) not null,
  data jsonb not null,
  created_at timestamptz not null,
  primary key (task_id, seq)
);

-- First answers of requests that carried an Idempotency-Key.
create table idempotency_keys (
  key varchar(200) primary key,
  request_hash varchar(64) not null,
  status integer not null default 0,
  -- json, not jsonb: a repeat is answered word for word, in the order of its fields.
  response json,
  created_at timestamptz not null
);

-- Leader election: an owner and an epoch, checked by every write made as leader.
create table leases (
  name varchar(100) primary key,
  owner varchar(100) not null,
  epoch bigint not null default 1,
  expires_at timestamptz not null
);

-- The same rows under the names of the clean-up procedure, so that its verification queries run as written.
create view jobs as
  select id, task_type, upper(status) as status, parameters, result, error_message, progress,
         business_context as chat_input, created_at, started_at, completed_at, created_by
    from data_pipeline_tasks;

create view tasks as
  select execution_id as id, task_id as job_id, execution_step as agent_id, upper(status) as status,
         attempt as retry_count, error_message as error_log, execution_result as output,
         created_at, started_at, completed_at
    from data_pipeline_task_executions;

create view artifacts as
  select id, execution_id as task_id, task_id as job_id, file_name as name, file_type as type,
         file_path as path, file_size as size, content_hash, created_at
    from data_pipeline_task_outputs
   where execution_id is not null;
