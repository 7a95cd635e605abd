-- What the chaos run watches in the store itself: every change of an execution, and every write that carries another
-- claim than the one that holds. Whatever the run's steps write names its claim: checkpoints in a column, outputs in
-- their description, log lines in their data, completed executions in their result.

create table chaos_history (
  seq bigserial primary key,
  at timestamptz not null default clock_timestamp(),
  xid xid8 not null default pg_current_xact_id(),
  writer text not null default current_setting('application_name'),
  execution_id text not null,
  old_status text,
  status text not null,
  old_claim integer,
  claim integer not null,
  old_owner text,
  owner text,
  attempt integer not null,
  -- Whether nobody held the lease when this was written.
  free boolean not null,
  -- The lease was shortened and nothing else: what a new process does to the leases of its predecessors.
  shortened boolean not null
);
create index on chaos_history (execution_id, seq);

create table chaos_violations (
  seq bigserial primary key,
  at timestamptz not null default clock_timestamp(),
  writer text not null default current_setting('application_name'),
  kind text not null,
  subject text not null,
  detail jsonb not null
);

create function chaos_is_final(status text) returns boolean language sql immutable as $$
  select status in ('completed', 'failed', 'cancelled')
$$;

-- Server crashes and kills are no fault of the steps: they are not to use up a step's attempts.
create function chaos_many_attempts() returns trigger language plpgsql as $$
begin
  new.max_attempts := 100;
  return new;
end $$;
create trigger chaos_many_attempts before insert on data_pipeline_task_executions
  for each row execute function chaos_many_attempts();

create function chaos_on_execution() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    insert into chaos_violations (kind, subject, detail) values ('deleted', old.execution_id, to_jsonb(old));
    return null;
  end if;
  if tg_op = 'INSERT' then
    insert into chaos_history (execution_id, status, claim, owner, attempt, free, shortened)
    values (new.execution_id, new.status, new.claim, new.lease_owner, new.attempt, true, false);
    return null;
  end if;
  insert into chaos_history (execution_id, old_status, status, old_claim, claim, old_owner, owner, attempt, free, shortened)
  values (new.execution_id, old.status, new.status, old.claim, new.claim, old.lease_owner, new.lease_owner, new.attempt,
          old.status <> 'running' or old.lease_owner is null or coalesce(old.lease_expires_at <= clock_timestamp(), true),
          to_jsonb(new) - 'lease_expires_at' = to_jsonb(old) - 'lease_expires_at' and new.lease_expires_at <= old.lease_expires_at);
  if chaos_is_final(old.status) then
    insert into chaos_violations (kind, subject, detail)
    values ('changed_after_final', new.execution_id, jsonb_build_object('before', to_jsonb(old), 'after', to_jsonb(new)));
  end if;
  if new.claim < old.claim then
    insert into chaos_violations (kind, subject, detail)
    values ('claim_fell', new.execution_id, jsonb_build_object('before', old.claim, 'after', new.claim));
  end if;
  if new.status = 'completed' and old.status <> 'completed'
     and (new.execution_result ->> 'claim')::integer is distinct from old.claim then
    insert into chaos_violations (kind, subject, detail)
    values ('late_finish', new.execution_id, jsonb_build_object('held', old.claim, 'written', new.execution_result));
  end if;
  return null;
end $$;
create trigger chaos_on_execution after insert or update or delete on data_pipeline_task_executions
  for each row execute function chaos_on_execution();

-- A write under a claim is right while that claim holds, or in the transaction that ends it.
create function chaos_judge(what text, of_execution text, written integer, detail jsonb) returns void language plpgsql as $$
declare
  held record;
begin
  select claim, status,
         xmin = pg_current_xact_id()::xid
           or exists (select from chaos_history h where h.execution_id = of_execution and h.xid = pg_current_xact_id()) as own
    into held
    from data_pipeline_task_executions
   where execution_id = of_execution;
  if held.claim is distinct from written then
    insert into chaos_violations (kind, subject, detail)
    values ('late_' || what, of_execution, jsonb_build_object('held', held.claim, 'written', written) || detail);
  elsif held.status <> 'running' and not held.own then
    insert into chaos_violations (kind, subject, detail)
    values (what || '_after_end', of_execution, jsonb_build_object('status', held.status) || detail);
  end if;
end $$;

create function chaos_on_checkpoint() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' then
    insert into chaos_violations (kind, subject, detail) values ('checkpoint_changed', old.execution_id, to_jsonb(old));
  else
    perform chaos_judge('checkpoint', new.execution_id, new.claim, jsonb_build_object('item', new.item));
  end if;
  return null;
end $$;
create trigger chaos_on_checkpoint after insert or update or delete on task_checkpoints
  for each row execute function chaos_on_checkpoint();

create function chaos_on_output() returns trigger language plpgsql as $$
begin
  perform chaos_judge('output', new.execution_id, substring(new.description from '^claim (\d+)$')::integer,
                      jsonb_build_object('file', new.file_name));
  return null;
end $$;
create trigger chaos_on_output after insert or update on data_pipeline_task_outputs
  for each row execute function chaos_on_output();

create function chaos_on_log() returns trigger language plpgsql as $$
begin
  perform chaos_judge('log', new.execution_id, (new.extra_data ->> 'claim')::integer, jsonb_build_object('line', new.message));
  return null;
end $$;
create trigger chaos_on_log after insert on data_pipeline_task_logs
  for each row when (new.message like 'chaos: %') execute function chaos_on_log();

create function chaos_on_task() returns trigger language plpgsql as $$
begin
  if chaos_is_final(old.status) or new.progress < old.progress
     or exists (select from jsonb_each_text(old.step_status) s where s.value = 'completed' and new.step_status ->> s.key <> 'completed') then
    insert into chaos_violations (kind, subject, detail)
    values ('task_went_back', new.id, jsonb_build_object(
      'before', jsonb_build_object('status', old.status, 'progress', old.progress, 'step_status', old.step_status),
      'after', jsonb_build_object('status', new.status, 'progress', new.progress, 'step_status', new.step_status)));
  end if;
  return null;
end $$;
create trigger chaos_on_task after update on data_pipeline_tasks
  for each row execute function chaos_on_task();
