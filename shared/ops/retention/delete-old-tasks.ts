import { keepEndedRun } from '../../engine/ended-runs.ts'
import type { Files } from '../../platform/files.ts'
import type { Platform } from '../../platform/platform.ts'
import type { Queryable } from '../../platform/store.ts'
import type { allowance } from './allowance.ts'

export interface DeletedTasks {
  readonly tasks: number
  readonly files: number
  /** Could not be deleted now: somebody holds them, or their files refuse. */
  readonly failed: number
  readonly left: boolean
}

const DAY_MS = 24 * 60 * 60_000
const PAGE_MAX = 100
const TASKS_MAX = 5_000 // of one night
const LINES_MAX = 10_000 // of a task, in one statement

// Nothing of it has happened since, and nothing is under way. A task in progress with nothing under way is dirty data,
// which the scan sees to first.
const DUE = `t.status <> 'in_progress' and t.created_at < $1
     and greatest(t.created_at, t.started_at, t.completed_at) < $1
     and not exists (
       select from data_pipeline_task_executions e
        where e.task_id = t.id
          and (e.status in ('queued', 'running') or greatest(e.created_at, e.completed_at, e.heartbeat_at) >= $1))`

// By idx_tasks_page. Page after page, so that a task that refuses does not hold up those behind it.
const LIST_DUE = `
  select t.id, t.created_at::text as created_at
    from data_pipeline_tasks t
   where ${DUE} and (t.created_at, t.id) > ($2::timestamptz, $3::text)
   order by t.created_at, t.id
   limit $4`

// Whoever starts a step locks the task first: while this is held nothing of it can begin.
const LOCK_DUE = `
  select t.id
    from data_pipeline_tasks t
   where t.id = $2 and ${DUE}
     for update skip locked`

const FORGET_LINES = `
  delete from data_pipeline_task_logs
   where id = any (array(
           select l.id
             from data_pipeline_task_logs l
            where l.task_id = $2 and exists (select from data_pipeline_tasks t where t.id = $2 and ${DUE})
            limit $3))`

const STAY_AWAKE = `
  select` // a transaction that is silent for 15 s is ended, and files take their time

const DELETE_TASK = `
  delete from data_pipeline_tasks
   where id = $1`

/**
 * Deletes tasks of which nothing has happened for as long as tasks are kept. Their files first, then their rows, under
 * the lock of the task: whoever dies in between leaves a task that is still old, and the next run ends what it began.
 */
export async function deleteOldTasks(platform: Platform, allowed: ReturnType<typeof allowance>): Promise<DeletedTasks> {
  const { store, clock, config } = platform
  const before = new Date(clock.now().getTime() - config.HELIX_TASK_KEEP_DAYS * DAY_MS)
  let [tasks, files, failed, seen] = [0, 0, 0, 0]
  let after: Due = { id: '', created_at: 'epoch' }
  for (;;) {
    const { rows } = await store.query<Due>(LIST_DUE, [before, after.created_at, after.id, PAGE_MAX])
    for (const due of rows) {
      if (allowed.isOver() || seen === TASKS_MAX) return { tasks, files, failed, left: true }
      seen += 1
      after = due
      const deleted = await deleteOne(platform, due.id, before).catch((cause: unknown) => {
        platform.log('background.failed', { what: 'delete an old task', taskId: due.id, message: String(cause) })
        return null
      })
      if (deleted === null) failed += 1
      else [tasks, files] = [tasks + 1, files + deleted]
    }
    if (rows.length < PAGE_MAX) return { tasks, files, failed, left: false }
  }
}

/** @returns how many files it had; null where it is no longer due */
async function deleteOne(platform: Platform, taskId: string, before: Date): Promise<number | null> {
  const { store, files } = platform
  // The lines of a large task are more than one statement can delete in time; without them it is a task all the same.
  while ((await store.query(FORGET_LINES, [before, taskId, LINES_MAX])).rowCount === LINES_MAX) {}
  return await store.transaction(async (tx) => {
    if ((await tx.query(LOCK_DUE, [before, taskId])).rowCount === 0) return null
    const removed = await removeFiles(tx, files, taskId)
    await keepEndedRun(tx, taskId)
    await tx.query(DELETE_TASK, [taskId])
    return removed
  })
}

async function removeFiles(tx: Queryable, files: Files, taskId: string): Promise<number> {
  let removed = 0
  for (;;) {
    const page = await files.list(`${taskId}/`)
    if (page.files.length === 0) return removed
    await files.delete(page.files.map(({ key }) => key))
    removed += page.files.length
    await tx.query(STAY_AWAKE)
  }
}

interface Due {
  id: string
  /** To the microsecond, as text: a Date would round it, and the page would begin with what the last one ended with. */
  created_at: string
}
