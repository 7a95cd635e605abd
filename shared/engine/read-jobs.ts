import { decodeCursor, encodeCursor } from '../platform/cursor.ts'
import { Problem } from '../platform/problems.ts'
import type { Queryable } from '../platform/store.ts'

/** A task under HELIX's names, as the view `jobs` shows it. */
export interface Job {
  readonly id: string
  readonly taskType: string
  readonly status: string
  readonly progress: number
  readonly chatInput: string | null
  readonly result: Record<string, unknown> | null
  readonly errorMessage: string | null
  readonly createdAt: Date
  readonly startedAt: Date | null
  readonly completedAt: Date | null
  readonly createdBy: string | null
}

/** An execution of a job under HELIX's names, as the view `tasks` shows it. */
export interface JobTask {
  readonly id: string
  readonly agentId: string
  readonly status: string
  readonly retryCount: number
  readonly errorLog: string | null
  readonly startedAt: Date | null
  readonly completedAt: Date | null
}

const JOB_COLUMNS =
  'id, task_type, status, progress, chat_input, result, error_message, created_at, started_at, completed_at, created_by'

// Pages by the index on created_at, which goes through text, since a Date would lose microseconds.
const LIST_JOBS = `
  select ${JOB_COLUMNS}, created_at::text as created_text
    from jobs
   where ($1::text is null or status = upper($1))
     and ($2::text is null or (created_at, id) < ($2::timestamptz, $3))
   order by created_at desc, id desc
   limit $4`

const READ_JOB = `
  select ${JOB_COLUMNS}
    from jobs
   where id = $1`

const LIST_JOB_TASKS = `
  select t.id, t.agent_id, t.status, t.retry_count, t.error_log, t.started_at, t.completed_at
    from tasks t
    join data_pipeline_task_executions e on e.execution_id = t.id
   where t.job_id = $1
   order by e.id
   limit 1000`

/** Newest first. @param status in any case @throws {Problem} `invalid_request` for a cursor that is not one of ours */
export async function listJobs(
  store: Queryable,
  status: string | undefined,
  limit: number,
  cursor: string | null,
): Promise<{ jobs: readonly Job[]; cursor: string | null }> {
  const [after, afterId] = cursor === null ? [null, null] : decodeCursor(cursor, 2)
  const { rows } = await store.query<JobRow & { created_text: string }>(LIST_JOBS, [
    status ?? null,
    after,
    afterId,
    limit + 1,
  ])
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  const more = rows.length > limit && last !== undefined
  return { jobs: page.map(jobOf), cursor: more ? encodeCursor([last.created_text, last.id]) : null }
}

/** @throws {Problem} `task_not_found` */
export async function readJob(store: Queryable, id: string): Promise<{ job: Job; tasks: readonly JobTask[] }> {
  const { rows } = await store.query<JobRow>(READ_JOB, [id])
  if (rows[0] === undefined)
    throw new Problem('task_not_found', `Cannot find job "${id}"`, { hint: 'List jobs with GET /api/v1/jobs' })
  const tasks = await store.query<JobTaskRow>(LIST_JOB_TASKS, [id])
  return { job: jobOf(rows[0]), tasks: tasks.rows.map(jobTaskOf) }
}

interface JobRow {
  id: string
  task_type: string
  status: string
  progress: number
  chat_input: string | null
  result: Record<string, unknown> | null
  error_message: string | null
  created_at: Date
  started_at: Date | null
  completed_at: Date | null
  created_by: string | null
}

interface JobTaskRow {
  id: string
  agent_id: string
  status: string
  retry_count: number
  error_log: string | null
  started_at: Date | null
  completed_at: Date | null
}

function jobOf(row: JobRow): Job {
  return {
    id: row.id,
    taskType: row.task_type,
    status: row.status,
    progress: row.progress,
    chatInput: row.chat_input,
    result: row.result,
    errorMessage: row.error_message,
    createdAt: row.created_at,
    startedAt: row.started_at,
    completedAt: row.completed_at,
    createdBy: row.created_by,
  }
}

function jobTaskOf(row: JobTaskRow): JobTask {
  return {
    id: row.id,
    agentId: row.agent_id,
    status: row.status,
    retryCount: row.retry_count,
    errorLog: row.error_log,
    startedAt: row.started_at,
    completedAt: row.completed_at,
  }
}
