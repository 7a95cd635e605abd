-- The limits are of tasks under way: nodes of a workflow that run side by side are one of them. Both functions are
-- changed in place, so that they keep their settings and whatever else they say.
do $$
declare
  changed regprocedure;
  before text;
  after text;
begin
  foreach changed in array array[
    'helix_admit(text, integer, timestamptz, timestamptz)', 'helix_accept(jsonb)']::regprocedure[]
  loop
    before := pg_get_functiondef(changed);
    after := regexp_replace(before,
      'into busy\s+from data_pipeline_task_executions\s+(where status in \(''queued'', ''running''\) and admitted_at is not null);',
      'into busy
    from (select distinct on (task_id) concurrency_key
            from data_pipeline_task_executions
           \1
           order by task_id) tasks;');
    if after = before then
      raise exception '% does not count what is under way as it was written', changed;
    end if;
    execute after;
  end loop;
end
$$;
