-- What the engine writes while work runs, as functions: each is one statement for any number of executions, its plans
-- are kept by the server's session behind any pooler, and the fence stands in one place.
--
-- Order of locks, everywhere: the schedule, then tasks by id, then executions.
--
-- The settings on functions keep plans on their indexes: a plan that a session made while a table was small would
-- otherwise go on reading the whole of it.

alter table data_pipeline_task_executions
  -- Of the task, kept beside what waits so that an index leads to who is next.
  add column priority integer not null default 0,
  add column concurrency_key varchar(200) not null default '',
  -- Lines of the log that the present claim has written: a report that is sent twice adds none of its lines twice.
  add column log_count integer not null default 0;

update data_pipeline_task_executions e
   set priority = t.priority, concurrency_key = t.concurrency_key
  from data_pipeline_tasks t
 where t.id = e.task_id;

-- Everything that has been let in and is not over: what the limits count, and what the sweep reads. A heartbeat changes
-- none of its columns, so that it touches no index.
drop index idx_executions_lease;
drop index idx_executions_available;
create index idx_executions_admitted on data_pipeline_task_executions (concurrency_key)
 where status in ('queued', 'running') and admitted_at is not null;
-- What waits for room, in the order in which it is let in: of all, and of one key.
create index idx_executions_waiting on data_pipeline_task_executions (priority desc, created_at, id)
 where status = 'queued' and admitted_at is null;
create index idx_executions_waiting_key on data_pipeline_task_executions (concurrency_key, priority desc, created_at, id)
 where status = 'queued' and admitted_at is null;

-- Nothing is written of an execution but by the function below that has just fenced it, so that each row's own look at
-- its task found nothing and took a quarter of the server's work. What hangs on a task goes with it, as before.
alter table data_pipeline_task_logs drop constraint data_pipeline_task_logs_task_id_fkey;
alter table data_pipeline_task_logs drop constraint data_pipeline_task_logs_execution_id_fkey;
alter table data_pipeline_task_outputs drop constraint data_pipeline_task_outputs_task_id_fkey;
alter table data_pipeline_task_outputs drop constraint data_pipeline_task_outputs_execution_id_fkey;
alter table task_checkpoints drop constraint task_checkpoints_task_id_fkey;
alter table task_events drop constraint task_events_task_id_fkey;

create function helix_forget_tasks() returns trigger language plpgsql as $$
begin
  delete from data_pipeline_task_logs l using gone where l.task_id = gone.id;
  delete from data_pipeline_task_outputs o using gone where o.task_id = gone.id;
  delete from task_checkpoints c using gone where c.task_id = gone.id;
  delete from task_events e using gone where e.task_id = gone.id;
  return null;
end
$$;
create trigger forget_tasks after delete on data_pipeline_tasks
  referencing old table as gone for each statement execute function helix_forget_tasks();

-- The latest task that has completed, asked for by people who watch.
create index idx_tasks_completed on data_pipeline_tasks (completed_at desc, id desc) where status = 'completed';

-- Nobody reads these: lists page by the index of `created_at`, and a task's own lines are found by its own index.
drop index idx_tasks_page;
drop index idx_logs_search;

-- Whoever lets runs in holds this until the transaction ends: the limits hold under any number of processes.
-- Transaction-scoped, so that it is safe behind a transaction-mode pooler.
create function helix_lock_schedule() returns void language sql as $$
  select pg_advisory_xact_lock(hashtextextended('helix.schedule', 0))
$$;

-- `{task_id}_step_{step}_exec_{YYYYMMDDHHMMSS}`, with `_2`, `_3`, … when that one is taken. The caller holds the task's row.
create function helix_free_execution_id(task varchar, base text) returns text language plpgsql stable as $$
declare
  taken integer;
begin
  select count(*) into taken
    from data_pipeline_task_executions
   where task_id = task
     and (execution_id = base or run_id = base or starts_with(execution_id, base || '_') or starts_with(run_id, base || '_'));
  return case when taken = 0 then base else base || '_' || taken + 1 end;
end
$$;

-- Writes what changed of tasks, and adds it to their feeds. The feed's number comes from the task's row: order of
-- numbers is order of commits. The caller holds the rows. Only a new start (`restart`) lets progress fall.
-- tasks: [{ id, status, step_status, progress, restart, started_at, completed_at, error_message, error_code, result, at }]
create function helix_save_tasks(tasks jsonb) returns void language plpgsql as $$
begin
  with changed as (
    update data_pipeline_tasks t
       set status = n.status, step_status = n.step_status,
           progress = case when n.restart then n.progress else greatest(t.progress, n.progress) end,
           started_at = n.started_at, completed_at = n.completed_at, error_message = n.error_message,
           error_code = n.error_code, result = n.result, event_seq = t.event_seq + 1
      from jsonb_to_recordset(tasks) as n (id varchar, status text, step_status jsonb, progress integer, restart boolean,
           started_at timestamptz, completed_at timestamptz, error_message text, error_code text, result jsonb,
           at timestamptz)
     where t.id = any (array(select task ->> 'id' from jsonb_array_elements(tasks) task)) and t.id = n.id
    returning t.id, t.event_seq, t.status, t.progress, t.step_status, t.error_message, t.error_code, n.at
  )
  insert into task_events (task_id, seq, type, data, created_at)
  select id, event_seq, 'task',
         jsonb_build_object('task_id', id, 'status', status, 'progress', progress, 'step_status', step_status,
                            'error_message', error_message, 'error_code', error_code), at
    from changed;
end
$$;

-- Files that tasks and their executions have produced. A later step may change a file (validation changes the pairs);
-- it stays its first step's own.
create function helix_save_outputs(outputs jsonb, at timestamptz) returns void language plpgsql as $$
begin
  insert into data_pipeline_task_outputs as o
         (task_id, execution_id, step_name, file_type, file_name, file_path, file_size, content_hash, description,
          is_primary, created_at, modified_at)
  select n.task_id, n.execution_id, n.step_name, n.file_type, n.file_name, n.file_path, n.file_size, n.content_hash,
         n.description, n.is_primary, at, at
    from jsonb_to_recordset(outputs) as n (task_id varchar, execution_id varchar, step_name varchar, file_type varchar,
         file_name varchar, file_path text, file_size bigint, content_hash varchar, description text, is_primary boolean)
      on conflict (task_id, file_name) do update
         set execution_id = case when o.step_name = excluded.step_name then excluded.execution_id else o.execution_id end,
             file_type = excluded.file_type, file_size = excluded.file_size, content_hash = excluded.content_hash,
             description = excluded.description, is_primary = excluded.is_primary, modified_at = excluded.modified_at;
end
$$;

-- Lets waiting runs in while there is room, best first. The caller holds the schedule.
-- Answers the messages to send: [{ execution_id, step, claim }].
create function helix_admit(mode text, running_max integer, at timestamptz, promise timestamptz) returns jsonb
language plpgsql
  set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
  set enable_bitmapscan = off
as $$
declare
  busy text[];
  room integer;
  chosen bigint[];
  admitted jsonb;
begin
  select coalesce(array_agg(concurrency_key), '{}') into busy
    from data_pipeline_task_executions
   where status in ('queued', 'running') and admitted_at is not null;
  room := case when mode = 'serial' then 1 else running_max end - cardinality(busy);
  if room <= 0 then
    return '[]';
  end if;
  if mode = 'mixed' then
    -- From one key to the next by the index, however many wait for each; then the best of those that are free.
    with recursive firsts as (
      (select e.id, e.concurrency_key, e.priority, e.created_at
         from data_pipeline_task_executions e
        where status = 'queued' and admitted_at is null
        order by concurrency_key, priority desc, created_at, id
        limit 1)
      union all
      select f.*
        from firsts,
             lateral (select e.id, e.concurrency_key, e.priority, e.created_at
                        from data_pipeline_task_executions e
                       where status = 'queued' and admitted_at is null and e.concurrency_key > firsts.concurrency_key
                       order by concurrency_key, priority desc, created_at, id
                       limit 1) f
    )
    select array_agg(id order by priority desc, created_at, id) into chosen
      from (select * from firsts where concurrency_key <> all (busy) order by priority desc, created_at, id limit room) best;
  else
    select array_agg(id order by priority desc, created_at, id) into chosen
      from (select id, priority, created_at
              from data_pipeline_task_executions
             where status = 'queued' and admitted_at is null
             order by priority desc, created_at, id
             limit room) best;
  end if;
  if chosen is null then
    return '[]';
  end if;
  perform from data_pipeline_tasks
    where id = any (array(select task_id from data_pipeline_task_executions where id = any (chosen)))
    order by id
      for update;
  -- "running" without an owner: promised to the message that is about to be sent; the promise lapses like any lease.
  with moved as (
    update data_pipeline_task_executions
       set status = 'running', admitted_at = at, started_at = coalesce(started_at, at), lease_owner = null,
           lease_expires_at = promise
     where id = any (chosen) and status = 'queued' and admitted_at is null
    returning id, task_id, execution_id, execution_step, claim
  )
  select jsonb_agg(jsonb_build_object('task_id', task_id, 'execution_id', execution_id, 'step', execution_step,
                                      'claim', claim) order by array_position(chosen, id))
    into admitted
    from moved;
  perform helix_save_tasks(
    (select jsonb_agg(to_jsonb(t) || jsonb_build_object(
              'status', 'in_progress', 'step_status', t.step_status || jsonb_build_object(a ->> 'step', 'running'),
              'started_at', coalesce(t.started_at, at), 'at', at))
       from jsonb_array_elements(admitted) a
       join data_pipeline_tasks t on t.id = a ->> 'task_id'
      where t.id = any (array(select x ->> 'task_id' from jsonb_array_elements(admitted) x))));
  return coalesce(admitted, '[]');
end
$$;
