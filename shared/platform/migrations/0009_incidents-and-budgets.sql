-- What a repair needs to go on after it was interrupted, and what the error budgets count by.

alter table incidents
  add column layer varchar(20) not null default 'component'
    check (layer in ('application', 'component', 'system', 'infrastructure')),
  -- What its target is: an execution, a source, a session …
  add column kind varchar(50) not null default '',
  -- Why, as people read it: { zh, en }. `diagnosis` names the rule, `details` holds the facts.
  add column explanation jsonb,
  -- The fencing token: rises each time a worker takes the repair.
  add column claim integer not null default 0,
  add column lease_owner varchar(100),
  add column lease_expires_at timestamptz,
  -- When its repair, or the next look at whether it helped, is due.
  add column next_try_at timestamptz,
  -- When a check last found it.
  add column seen_at timestamptz,
  -- Verifications that could not tell.
  add column unknowns integer not null default 0,
  add column verdict varchar(10) check (verdict in ('fixed', 'not_fixed', 'unknown')),
  -- What the last repair says that it did: { changed, summary }.
  add column outcome jsonb,
  add column escalated_at timestamptz,
  -- The person who asked for the repair; the storm brake does not hold it then.
  add column asked_by varchar(100);

update incidents set seen_at = detected_at;
alter table incidents alter column seen_at set not null;

-- What was escalated is still so: it stays one incident until it is verified.
drop index idx_incidents_open;
create unique index idx_incidents_open on incidents (fault, target) where status <> 'verified';
-- How often the same has come back.
create index idx_incidents_again on incidents (fault, target, verified_at desc) where status = 'verified';

-- The times as numbers. Recovery time: from when it fell ill until it was verified to be well. Recovery point: the stretch
-- before anybody knew, whose work may have to be done again.
create view incident_times as
  select id, fault, target, severity, layer, status, occurred_at, detected_at, repaired_at, verified_at,
         extract(epoch from detected_at - occurred_at) as detection_seconds,
         extract(epoch from repaired_at - detected_at) as repair_seconds,
         extract(epoch from verified_at - repaired_at) as verification_seconds,
         extract(epoch from verified_at - coalesce(occurred_at, detected_at)) as recovery_time_seconds,
         extract(epoch from detected_at - coalesce(occurred_at, detected_at)) as recovery_point_seconds
    from incidents;

alter table error_budgets
  -- On how many things in turn the present failures were: one bad one alone never opens the breaker for others.
  add column subjects integer not null default 0,
  add column last_subject varchar(300),
  add column failing_since timestamptz,
  add column degraded_at timestamptz,
  add column probe_owner varchar(100);

-- Counts one failure, in one statement for any number of processes. `succeeded_at` is when the caller last saw the
-- operation succeed: a failure before that is not in a row with this one, and a success needs no write of its own.
-- `turned` tells the one caller whose failure changed the state.
create function helix_count_failure(
  name varchar, code varchar, subject varchar, succeeded_at timestamptz, at timestamptz, probe_at timestamptz,
  degrade_after integer, restart_after integer, subjects_min integer, may_restart boolean
) returns table (failures integer, state varchar, probe timestamptz, turned boolean) language plpgsql as $$
declare
  b error_budgets%rowtype;
  broken boolean;
  distinct_subject boolean;
  after_state varchar;
begin
  insert into error_budgets (operation, updated_at) values (name, at) on conflict (operation) do nothing;
  select * into b from error_budgets e where e.operation = name for update;
  broken := b.consecutive_failures = 0 or (b.state = 'closed' and b.updated_at < succeeded_at);
  distinct_subject := subject is null or b.last_subject is distinct from subject;
  if broken then
    b.consecutive_failures := 0;
    b.subjects := 0;
    b.failing_since := at;
    distinct_subject := true;
  end if;
  b.consecutive_failures := b.consecutive_failures + 1;
  -- Of a failure that names no subject nobody can say that it is one thing's own: it speaks for as many as are needed.
  b.subjects := case when subject is null then greatest(b.subjects, subjects_min) else b.subjects + distinct_subject::integer end;
  after_state := case
    when b.subjects < subjects_min then b.state
    when may_restart and b.consecutive_failures >= restart_after then 'restart_asked'
    when b.state = 'closed' and b.consecutive_failures >= degrade_after then 'degraded'
    else b.state end;
  update error_budgets e
     set consecutive_failures = b.consecutive_failures, subjects = b.subjects, last_subject = subject, state = after_state,
         last_error_code = code, failing_since = b.failing_since,
         degraded_at = case when after_state = 'closed' then null else coalesce(e.degraded_at, at) end,
         probe_at = case when after_state = 'closed' then null else helix_count_failure.probe_at end,
         probe_owner = null, updated_at = greatest(e.updated_at, at)
   where e.operation = name;
  return query select b.consecutive_failures, after_state,
                      case when after_state = 'closed' then null else helix_count_failure.probe_at end,
                      after_state <> b.state;
end
$$;
