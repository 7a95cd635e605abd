import type { Queryable } from '../platform/store.ts'

/** Upper bounds of what runs of workflows took, in seconds. */
export const RUN_SECONDS_BOUNDS = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800] as const
export const RUN_METRIC = 'workflow_runs'

// Of a task that is no run of a workflow, or has not ended, nothing is kept. Bounds come as they are, in ascending order.
const KEEP = `
  insert into metric_totals as t (metric, labels, count, sum, buckets)
  select '${RUN_METRIC}', jsonb_build_object('status', case status when 'completed' then 'success' else 'failure' end), 1,
         coalesce(seconds, 0),
         (select array_agg((seconds is not null and seconds <= bound)::integer::bigint order by bound) from unnest($2::float8[]) bound)
           || (seconds is not null)::integer::bigint
    from (select status, extract(epoch from completed_at - coalesce(started_at, created_at))::float8 as seconds
            from data_pipeline_tasks
           where id = $1 and workflow_id <> 'data_pipeline' and status in ('completed', 'failed')) ended
      on conflict (metric, labels) do update
     set count = t.count + excluded.count, sum = t.sum + excluded.sum,
         buckets = (select array_agg(a + b order by place) from unnest(t.buckets, excluded.buckets) with ordinality as u (a, b, place))`

/**
 * Counts a run among the totals before its row is deleted, in the same transaction: a counter must not fall because somebody
 * tidies up. The bucket after the last bound is the number of those that were timed.
 */
export async function keepEndedRun(tx: Queryable, taskId: string): Promise<void> {
  await tx.query(KEEP, [taskId, RUN_SECONDS_BOUNDS])
}
