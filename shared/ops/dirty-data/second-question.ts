import type { Platform } from '../../platform/platform.ts'
import type { Queryable } from '../../platform/store.ts'
import type { Facts } from '../incidents/fault.ts'
import type { Verdict } from '../incidents/repair.ts'

const FILES_MAX = 500 // asked for one by one

// The procedure's own verification queries (5.1), of one job: on its views, not on the tables that the checks read.
const ORPHANS = `
  SELECT a.id, a.task_id, a.name
    FROM artifacts a
    LEFT JOIN tasks t ON a.task_id = t.id
   WHERE t.id IS NULL AND a.job_id = $1`

const COMPLETED_WITHOUT_ARTIFACT = `
  SELECT t.id
    FROM tasks t
    LEFT JOIN artifacts a ON t.id = a.task_id
   WHERE t.status = 'COMPLETED' AND a.id IS NULL AND t.job_id = $1 AND t.id = any($2)`

const STANDS_STILL = `
  SELECT j.id
    FROM jobs j
    LEFT JOIN tasks t ON t.job_id = j.id AND t.status IN ('QUEUED', 'RUNNING')
   WHERE j.id = $1 AND j.status = 'IN_PROGRESS' AND t.id IS NULL`

const TRIED_TOO_OFTEN = `
  select execution_id
    from data_pipeline_task_executions
   where task_id = $1
     and (attempt > max_attempts or (attempt >= max_attempts and status not in ('completed', 'failed', 'cancelled')))`

const HELD_BY_NOBODY = `
  select execution_id
    from data_pipeline_task_executions
   where task_id = $1 and status = 'running' and coalesce(lease_expires_at <= $2, true)`

const RECORDED_FILES = `
  SELECT path
    FROM artifacts
   WHERE job_id = $1 AND content_hash IS NOT NULL
   ORDER BY id
   LIMIT ${FILES_MAX}`

/** Whether a task is rid of what was found, asked in another way than by the checks. */
export async function isTaskClean(platform: Platform, taskId: string, facts: Facts): Promise<Verdict> {
  const { store, clock } = platform
  const names = textsOf(facts.names)
  switch (facts.type) {
    case 'A':
      if (await anyRow(store, COMPLETED_WITHOUT_ARTIFACT, [taskId, textsOf(facts.executions)])) return 'not_fixed'
      return (await isEachFileThere(platform, taskId)) ? 'fixed' : 'not_fixed'
    case 'B':
      if (await anyRow(store, ORPHANS, [taskId])) return 'not_fixed'
      if (!(await isEachFileThere(platform, taskId))) return 'not_fixed'
      return (await isAnyUnrecorded(platform, taskId, names)) ? 'not_fixed' : 'fixed'
    case 'C':
      return (await anyRow(store, STANDS_STILL, [taskId])) ? 'not_fixed' : 'fixed'
    case 'D':
      return (await anyRow(store, TRIED_TOO_OFTEN, [taskId])) ? 'not_fixed' : 'fixed'
    case 'E':
      return (await anyRow(store, HELD_BY_NOBODY, [taskId, clock.now()])) ? 'not_fixed' : 'fixed'
    default:
      return 'unknown'
  }
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : []
}

async function anyRow(store: Queryable, query: string, values: readonly unknown[]): Promise<boolean> {
  return (await store.query(query, values)).rowCount > 0
}

async function isEachFileThere({ store, files }: Platform, taskId: string): Promise<boolean> {
  const { rows } = await store.query<{ path: string }>(RECORDED_FILES, [taskId])
  for (const { path } of rows) if ((await files.head(path)) === null) return false
  return true
}

const IS_RECORDED = `
  select file_name
    from data_pipeline_task_outputs
   where task_id = $1 and file_name = $2`

/** Whether one of the files that were found lies there, and still no row knows of it. */
async function isAnyUnrecorded({ store, files }: Platform, taskId: string, names: readonly string[]): Promise<boolean> {
  for (const name of names) {
    if ((await files.head(`${taskId}/${name}`)) === null) continue
    if (!(await anyRow(store, IS_RECORDED, [taskId, name]))) return true
  }
  return false
}
