import type { Queryable } from '../../platform/store.ts'

/** How executions of one step, or of one node of a workflow, did in a span of time. */
export interface StepFigures {
  readonly step: string
  readonly workflow: string
  readonly executions: number
  readonly running: number
  readonly failed: number
  readonly retried: number
  /** Of those that have ended, and of those that run until now. */
  readonly p50Seconds: number
  readonly p95Seconds: number
  readonly maxSeconds: number
  readonly totalSeconds: number
  readonly slowestExecution: string
  /** The most frequent code of a failure. */
  readonly error: string | null
}

export interface WaitFigures {
  readonly p50Seconds: number
  readonly p95Seconds: number
  readonly maxSeconds: number
}

/** How long executions waited before they began. */
export interface QueueWaits {
  readonly executions: number
  /** Until the schedule had room for them. */
  readonly schedule: WaitFigures
  /** From then on until a worker took them. */
  readonly delivery: WaitFigures
  readonly waitingForRoom: number
  readonly waitingForWorker: number
  readonly oldestSeconds: number
}

export interface SourceFigures {
  readonly source: string
  readonly tasks: number
  readonly executions: number
  readonly failed: number
  readonly waiting: number
  readonly busySeconds: number
  /** Of the busy seconds of all sources. */
  readonly share: number
}

const LISTED_MAX = 20

// By idx_executions_started_at: a step ends within a day of its start.
const CHOSEN = `
  with chosen as (
    select e.execution_id, e.execution_step as step, t.workflow_id as workflow, t.id as task, t.db_name as source, e.status,
           e.attempt, e.error_code,
           greatest(0, extract(epoch from coalesce(e.completed_at, $2) - greatest(e.started_at, $1)))::float8 as busy,
           greatest(0, extract(epoch from coalesce(e.completed_at, $2) - e.started_at))::float8 as seconds
      from data_pipeline_task_executions e
      join data_pipeline_tasks t on t.id = e.task_id
     where e.started_at >= $1::timestamptz - interval '1 day' and e.started_at <= $2::timestamptz
       and (e.completed_at >= $1 or e.status = 'running')
  )`

const STEPS = `${CHOSEN}
  select step, workflow, count(*) as executions, count(*) filter (where status = 'running') as running,
         count(*) filter (where status = 'failed') as failed, count(*) filter (where attempt > 0) as retried,
         percentile_cont(0.5) within group (order by seconds) as "p50Seconds",
         percentile_cont(0.95) within group (order by seconds) as "p95Seconds",
         max(seconds) as "maxSeconds", sum(seconds) as "totalSeconds",
         (array_agg(execution_id order by seconds desc, execution_id))[1] as "slowestExecution",
         mode() within group (order by error_code) as error
    from chosen
   group by step, workflow
   order by 10 desc, 1, 2
   limit ${LISTED_MAX}`

const SOURCES = `${CHOSEN}, waiting as (
    select t.db_name as source, count(*) as waiting
      from data_pipeline_task_executions e
      join data_pipeline_tasks t on t.id = e.task_id
     where e.status = 'queued'
     group by 1
  )
  select coalesce(c.source, '') as source, count(distinct c.task) as tasks, count(*) as executions,
         count(*) filter (where c.status = 'failed') as failed, coalesce(max(w.waiting), 0) as waiting,
         sum(c.busy) as "busySeconds", coalesce(sum(c.busy) / nullif(sum(sum(c.busy)) over (), 0), 0) as share
    from chosen c
    left join waiting w on w.source = c.source
   group by c.source
   order by 6 desc, 1
   limit ${LISTED_MAX}`

const WAITS = `
  with waits as (
    select e.status, e.admitted_at,
           greatest(0, extract(epoch from coalesce(e.admitted_at, $2) - e.created_at))::float8 as schedule,
           greatest(0, extract(epoch from coalesce(e.started_at, $2) - greatest(e.admitted_at, least(e.available_at, $2))))::float8 as delivery,
           extract(epoch from $2::timestamptz - e.created_at)::float8 as age
      from data_pipeline_task_executions e
     where e.created_at <= $2 and (e.status = 'queued' or e.created_at >= $1)
  )
  select count(*) as executions, count(*) filter (where status = 'queued' and admitted_at is null) as room,
         count(*) filter (where status = 'queued' and admitted_at is not null) as worker,
         coalesce(max(age) filter (where status = 'queued'), 0) as oldest,
         percentile_cont(array[0.5, 0.95, 1]) within group (order by schedule) as schedule,
         percentile_cont(array[0.5, 0.95, 1]) within group (order by delivery) filter (where admitted_at is not null) as delivery
    from waits`

/** Those that took the most time in all first. */
export async function stepFigures(store: Queryable, from: Date, to: Date): Promise<StepFigures[]> {
  return (await store.query<StepFigures>(STEPS, [from, to])).rows
}

/** Those that were worked on the longest first. */
export async function sourceFigures(store: Queryable, from: Date, to: Date): Promise<SourceFigures[]> {
  return (await store.query<SourceFigures>(SOURCES, [from, to])).rows
}

export async function queueWaits(store: Queryable, from: Date, to: Date): Promise<QueueWaits> {
  const { rows } = await store.query<WaitRow>(WAITS, [from, to])
  const row = rows[0]
  return {
    executions: row?.executions ?? 0,
    schedule: waitFigures(row?.schedule),
    delivery: waitFigures(row?.delivery),
    waitingForRoom: row?.room ?? 0,
    waitingForWorker: row?.worker ?? 0,
    oldestSeconds: row?.oldest ?? 0,
  }
}

interface WaitRow {
  executions: number
  room: number
  worker: number
  oldest: number
  schedule: number[] | null
  delivery: number[] | null
}

function waitFigures(quantiles: readonly number[] | null | undefined): WaitFigures {
  const [p50Seconds = 0, p95Seconds = 0, maxSeconds = 0] = quantiles ?? []
  return { p50Seconds, p95Seconds, maxSeconds }
}
