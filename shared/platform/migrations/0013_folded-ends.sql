-- Steps that touched nothing outside their process end together: one write tells of all of them.

-- Every write of a running execution: a sign of life with its log lines, checkpoints and files, or the end of an attempt
-- with the next execution. The fence is the first statement: an item whose claim was superseded changes nothing at all.
--
-- items: [{ execution_id, task_id, step, claim, at, sources, takeover, unless_cancelled,
--           status, result, error_message, error_code, attempt, available_at   what it ends as; null: it goes on
--           share, lease_expires_at, task_progress                            of one that goes on
--           first_line                                                        how many lines of this claim came before
--           lines [{ level, message, module, function, at, extra, execution_id?, step? }]
--           checkpoints [{ item, value, at, execution_id?, step?, claim? }]   those of a follower name it
--           outputs                                                           rows of their table
--           task                                                              the task as it then is
--           next [{ execution_id, step, run_id, remaining, timeout_ms, max_attempts, priority, concurrency_key, forget,
--                   owner, lease_expires_at, at, completed_at?, result? }]    owner null: promised to a message
--           admit { mode, running_max, promise } }]                           of one with which its run ends
-- Answers in the same order: null, or { claim, cancel_requested, next, admitted }.
--
-- A follower that has a `completed_at` has begun and ended since, all in the process that held the claim: nobody has heard
-- of it yet. It stands and falls with that claim's fence, and its id is free, since whoever holds the claim has been
-- there since the task's beginning.
--
-- Rows are also asked for by an array of their keys, here and in what this calls: a plan is kept for the life of a
-- connection, and one that was made while the tables were small must still go by the index when they are large.
create or replace function helix_write(items jsonb) returns jsonb language plpgsql
  set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
  set enable_bitmapscan = off
as $$
declare
  tasks varchar[] := array(select item ->> 'task_id' from jsonb_array_elements(items) item);
  executions varchar[] := array(select item ->> 'execution_id' from jsonb_array_elements(items) item);
  fenced jsonb;
  held bigint[];
  nexts jsonb;
  rules jsonb;
  admitted jsonb := '[]';
begin
  if items @? '$[*].admit.mode' then
    perform helix_lock_schedule();
  end if;
  perform from data_pipeline_tasks
    where id = any (tasks)
    order by id
      for update;

  with input as (
    select no, i.*
      from jsonb_array_elements(items) with ordinality x (item, no),
           jsonb_to_record(item) as i (execution_id varchar, claim integer, at timestamptz, sources text[], takeover boolean,
             status text, result jsonb, error_message text, error_code text, attempt integer, available_at timestamptz,
             share real, lease_expires_at timestamptz, first_line integer, lines jsonb, unless_cancelled boolean)
  ), passed as (
    update data_pipeline_task_executions e
       set status = coalesce(i.status, e.status),
           completed_at = case when i.status in ('completed', 'failed', 'cancelled') then i.at end,
           execution_result = case when i.status is null then e.execution_result else i.result end,
           error_message = case when i.status is null then e.error_message else i.error_message end,
           error_code = case when i.status is null then e.error_code else i.error_code end,
           attempt = coalesce(i.attempt, e.attempt),
           available_at = coalesce(i.available_at, e.available_at),
           progress = case when i.status = 'completed' then 1 else greatest(e.progress, coalesce(i.share, 0)) end,
           lease_owner = case when i.status is null then e.lease_owner end,
           lease_expires_at = case when i.status is null then i.lease_expires_at end,
           heartbeat_at = case when i.status is null then i.at when i.status = 'queued' then null else e.heartbeat_at end,
           -- A takeover raises the claim, so that the former holder is fenced from now on.
           claim = case when i.takeover then e.claim + 1 else e.claim end,
           deadline_at = case when i.status = 'queued' and i.attempt > e.attempt then null else e.deadline_at end,
           log_count = case when i.takeover then e.log_count
                            else greatest(e.log_count, i.first_line + jsonb_array_length(i.lines)) end
      from input i
      join data_pipeline_task_executions before
        on before.execution_id = i.execution_id and before.execution_id = any (executions)
     where e.execution_id = any (executions)
       and e.execution_id = i.execution_id and e.claim = i.claim and e.status = any (i.sources)
       and (not i.takeover or e.lease_expires_at is null or e.lease_expires_at <= i.at)
       and (not i.unless_cancelled or e.cancel_requested_at is null)
       and (i.status is distinct from 'cancelled' or e.cancel_requested_at is not null)
    returning i.no, e.claim, e.cancel_requested_at is not null as cancel_requested,
              case when i.takeover then 0 else greatest(0, before.log_count - i.first_line) end as known_lines
  )
  select array_agg(no), jsonb_object_agg(no, jsonb_build_object('claim', claim, 'cancel_requested', cancel_requested,
                                                                'known_lines', known_lines))
    into held, fenced
    from passed;
  if held is null then
    return (select jsonb_agg(null::text) from jsonb_array_elements(items));
  end if;

  if items @? '$[*].outputs[0]' then
    perform helix_save_outputs(jsonb_agg(output), max((item ->> 'at')::timestamptz))
       from jsonb_array_elements(items) with ordinality x (item, no), jsonb_array_elements(item -> 'outputs') output
      where no = any (held);
  end if;
  if items @? '$[*].lines[0]' then
    insert into data_pipeline_task_logs
           (task_id, execution_id, step_name, log_level, message, module_name, function_name, timestamp, extra_data)
    select item ->> 'task_id', coalesce(l.execution_id, item ->> 'execution_id'), coalesce(l.step, item ->> 'step'),
           l.level, l.message, l.module, l.function, l.at, l.extra
      from jsonb_array_elements(items) with ordinality x (item, no),
           jsonb_array_elements(item -> 'lines') with ordinality y (line, place),
           jsonb_to_record(line) as l (level text, message text, module text, function text, at timestamptz, extra jsonb,
             execution_id text, step text)
     where no = any (held) and place > (fenced -> no::text ->> 'known_lines')::integer;
  end if;
  if items @? '$[*].checkpoints[0]' then
    -- A repeat finds its item and changes nothing.
    insert into task_checkpoints (task_id, step, item, value, execution_id, claim, created_at)
    select x.item ->> 'task_id', coalesce(c.step, x.item ->> 'step'), c.item, c.value,
           coalesce(c.execution_id, x.item ->> 'execution_id'), coalesce(c.claim, (x.item ->> 'claim')::integer), c.at
      from jsonb_array_elements(items) with ordinality x (item, no),
           jsonb_to_recordset(x.item -> 'checkpoints') as c (item text, value jsonb, at timestamptz, execution_id text,
             step text, claim integer)
     where no = any (held)
        on conflict (task_id, step, item) do nothing;
  end if;

  if items @? '$[*].task.id' then
    perform helix_save_tasks(jsonb_agg(item -> 'task'))
       from jsonb_array_elements(items) with ordinality x (item, no)
      where no = any (held) and item ? 'task';
  end if;
  if items @? '$[*].task_progress' then
    with moved as (
      update data_pipeline_tasks t
         set progress = i.task_progress, event_seq = event_seq + 1
        from jsonb_array_elements(items) with ordinality x (item, no),
             jsonb_to_record(item) as i (task_id varchar, task_progress integer, at timestamptz)
       where no = any (held) and t.id = any (tasks) and t.id = i.task_id and t.progress < i.task_progress
      returning t.id, t.event_seq, t.status, t.progress, t.step_status, i.at
    )
    insert into task_events (task_id, seq, type, data, created_at)
    select id, event_seq, 'progress',
           jsonb_build_object('task_id', id, 'status', status, 'progress', progress, 'step_status', step_status), at
      from moved;
  end if;

  if items @? '$[*].next[*] ? (@.forget == true)' then
    -- A step that begins anew begins at its first item, whatever an older run has left.
    delete from task_checkpoints c
     using jsonb_array_elements(items) with ordinality x (item, no), jsonb_array_elements(x.item -> 'next') follower
     where no = any (held) and (follower ->> 'forget')::boolean
       and c.task_id = any (tasks) and c.task_id = x.item ->> 'task_id' and c.step = follower ->> 'step';
  end if;
  if items @? '$[*].next[*].step' then
    with inserted as (
      insert into data_pipeline_task_executions
             (execution_id, task_id, execution_step, status, run_id, remaining_steps, created_at, available_at, admitted_at,
              started_at, timeout_ms, max_attempts, priority, concurrency_key, claim, lease_owner, lease_expires_at,
              heartbeat_at, deadline_at, completed_at, execution_result, progress)
      select case when n.completed_at is null
                   and exists (select from data_pipeline_task_executions e
                                where e.task_id = item ->> 'task_id' and n.execution_id in (e.execution_id, e.run_id))
                  then helix_free_execution_id(item ->> 'task_id', n.execution_id) else n.execution_id end,
             item ->> 'task_id', n.step, case when n.completed_at is null then 'running' else 'completed' end, n.run_id,
             n.remaining, n.at, n.at, n.at, n.at, n.timeout_ms, n.max_attempts, n.priority, n.concurrency_key,
             case when n.owner is null then 0 else 1 end,
             case when n.completed_at is null then n.owner end,
             case when n.completed_at is null then n.lease_expires_at end,
             case when n.owner is not null then n.at end,
             case when n.owner is not null then n.at + n.timeout_ms * interval '1 millisecond' end,
             n.completed_at, n.result, case when n.completed_at is null then 0 else 1 end
        from jsonb_array_elements(items) with ordinality x (item, no),
             jsonb_array_elements(item -> 'next') with ordinality y (follower, place),
             jsonb_to_record(follower) as n (execution_id text, step varchar, run_id varchar, remaining text[],
               timeout_ms bigint, max_attempts integer, priority integer, concurrency_key varchar, owner varchar,
               lease_expires_at timestamptz, at timestamptz, completed_at timestamptz, result jsonb)
       where no = any (held)
       order by no, place
      returning task_id, execution_id, status
    )
    select jsonb_object_agg(task_id, execution_id) into nexts from inserted where status = 'running';
  end if;

  if items @? '$[*].admit.mode' then
    select item -> 'admit' into rules
      from jsonb_array_elements(items) with ordinality x (item, no)
     where no = any (held) and item -> 'admit' ->> 'mode' is not null
     order by no
     limit 1;
  end if;
  if rules is not null then
    admitted := helix_admit(rules ->> 'mode', (rules ->> 'running_max')::integer, (rules ->> 'at')::timestamptz,
                            (rules ->> 'promise')::timestamptz);
  end if;

  return (select jsonb_agg(case when no = any (held) then
                   (fenced -> no::text) || jsonb_build_object('next', nexts -> (item ->> 'task_id'),
                      'admitted', case when no = held[1] then admitted else '[]' end) end
                 order by no)
            from jsonb_array_elements(items) with ordinality x (item, no));
end
$$;
