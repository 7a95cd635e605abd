import { RUN_METRIC, RUN_SECONDS_BOUNDS } from '../../engine/ended-runs.ts'
import type { Queryable } from '../../platform/store.ts'

/**
 * What dynamic nodes and workflows have done, counted from the store: functions come and go, and so would their counters.
 * Rows that retention has deleted are counted by the totals that it left.
 */
export interface NodeMetrics {
  /** Since the beginning. */
  readonly creations: Outcomes
  readonly sandboxRuns: Outcomes
  readonly workflowRuns: Outcomes
  readonly rollbacks: number
  readonly snapshots: number
  readonly activeWorkflows: number
  /** Of the window; null where nothing has happened in it. */
  readonly rates: Readonly<Record<RateName, Rate>>
  /** How long runs of workflows took, all since the beginning. */
  readonly seconds: Histogram
}

export interface Outcomes {
  readonly success: number
  readonly failure: number
}

export const RATE_NAMES = [
  'sandbox_failure_rate',
  'node_creation_failure_rate',
  'workflow_failure_rate',
  'workflow_execution_time_avg',
] as const
export type RateName = (typeof RATE_NAMES)[number]

/** A share, or seconds, and over how many it was taken. */
export interface Rate {
  readonly value: number | null
  readonly of: number
}

export interface Histogram {
  /** How many took at most so many seconds, by the bounds below. */
  readonly upTo: readonly number[]
  readonly count: number
  readonly sum: number
}

export const SECONDS_BOUNDS = RUN_SECONDS_BOUNDS

const COUNT = `
  with creations as (
    select count(*) filter (where status = 'success') as good, count(*) filter (where status = 'failure') as bad,
           count(*) filter (where created_at >= $1) as recent,
           count(*) filter (where created_at >= $1 and status = 'failure') as recent_bad
      from node_creations
  ), runs as (
    select count(*) filter (where success) as good, count(*) filter (where not success) as bad,
           count(*) filter (where created_at >= $1) as recent,
           count(*) filter (where created_at >= $1 and not success) as recent_bad
      from sandbox_runs
  ), ended as (
    select status, completed_at, extract(epoch from completed_at - coalesce(started_at, created_at))::float8 as seconds
      from data_pipeline_tasks
     where workflow_id <> 'data_pipeline' and status in ('completed', 'failed')
  ), workflow_runs as (
    select count(*) filter (where status = 'completed') as good, count(*) filter (where status = 'failed') as bad,
           count(*) filter (where completed_at >= $1) as recent,
           count(*) filter (where completed_at >= $1 and status = 'failed') as recent_bad,
           avg(seconds) filter (where completed_at >= $1) as recent_seconds,
           count(seconds) as timed, coalesce(sum(seconds), 0) as seconds
      from ended
  )
  select jsonb_build_object(
    'creations', (select to_jsonb(c) from creations c),
    'runs', (select to_jsonb(r) from runs r),
    'workflow_runs', (select to_jsonb(w) from workflow_runs w),
    'up_to', (select jsonb_agg((select count(*) from ended where seconds <= bound) order by bound) from unnest($2::float8[]) bound),
    'rollbacks', (select count(*) from workflow_rollbacks),
    'snapshots', (select count(*) from workflow_snapshots),
    'active', (select count(*) from workflows where enabled),
    'kept', (select coalesce(jsonb_agg(jsonb_build_object('metric', metric, 'status', labels ->> 'status', 'count', count, 'sum', sum, 'buckets', buckets)), '[]')
               from metric_totals
              where metric in ('node_creations', 'sandbox_runs', 'workflow_rollbacks', '${RUN_METRIC}'))) as counts`

interface Counted {
  readonly good: number
  readonly bad: number
  readonly recent: number
  readonly recent_bad: number
}

interface Counts {
  readonly creations: Counted
  readonly runs: Counted
  readonly workflow_runs: Counted & {
    readonly recent_seconds: number | null
    readonly timed: number
    readonly seconds: number
  }
  readonly up_to: readonly number[]
  readonly rollbacks: number
  readonly snapshots: number
  readonly active: number
  readonly kept: readonly Kept[]
}

/** What was counted of rows that are deleted by now. */
interface Kept {
  readonly metric: string
  readonly status: string
  readonly count: number
  readonly sum: number
  readonly buckets: readonly number[]
}

/** @param since where the window of the rates begins */
export async function nodeMetrics(store: Queryable, since: Date): Promise<NodeMetrics> {
  const { rows } = await store.query<{ counts: Counts }>(COUNT, [since, SECONDS_BOUNDS])
  const counts = rows[0]?.counts
  if (counts === undefined) throw new Error('The store counted nothing')
  const { creations, runs, workflow_runs: workflows } = counts
  const kept = (metric: string, status?: string) =>
    counts.kept.filter((one) => one.metric === metric && (status === undefined || one.status === status))
  const outcomes = (metric: string, { good, bad }: Counted): Outcomes => ({
    success: good + total(kept(metric, 'success'), ({ count }) => count),
    failure: bad + total(kept(metric, 'failure'), ({ count }) => count),
  })
  const oldRuns = kept(RUN_METRIC)
  const oldUpTo = (place: number) => total(oldRuns, ({ buckets }) => buckets[place] ?? 0)
  return {
    creations: outcomes('node_creations', creations),
    sandboxRuns: outcomes('sandbox_runs', runs),
    workflowRuns: outcomes(RUN_METRIC, workflows),
    rollbacks: counts.rollbacks + total(kept('workflow_rollbacks'), ({ count }) => count),
    snapshots: counts.snapshots,
    activeWorkflows: counts.active,
    rates: {
      sandbox_failure_rate: share(runs),
      node_creation_failure_rate: share(creations),
      workflow_failure_rate: share(workflows),
      workflow_execution_time_avg: { value: workflows.recent_seconds, of: workflows.recent },
    },
    seconds: {
      upTo: counts.up_to.map((count, place) => count + oldUpTo(place)),
      count: workflows.timed + oldUpTo(SECONDS_BOUNDS.length),
      sum: workflows.seconds + total(oldRuns, ({ sum }) => sum),
    },
  }
}

function total(kept: readonly Kept[], of: (one: Kept) => number): number {
  return kept.reduce((sum, one) => sum + of(one), 0)
}

function share({ recent, recent_bad: bad }: Counted): Rate {
  return { value: recent === 0 ? null : bad / recent, of: recent }
}
