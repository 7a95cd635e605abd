import { jsonbText } from '../platform/jsonb-text.ts'
import type { Queryable } from '../platform/store.ts'
import type { Task } from './task.ts'

const SAVE_TASKS = `
  select helix_save_tasks($1)`

/** A task's changing columns, as `helix_save_tasks` takes them. @param restart whether its progress may fall */
export function taskRecord(task: Task, at: Date, restart = false) {
  return {
    id: task.id,
    status: task.status,
    step_status: task.stepStatus,
    progress: task.progress,
    restart,
    started_at: task.startedAt,
    completed_at: task.completedAt,
    error_message: task.errorMessage,
    error_code: task.errorCode,
    result: task.result,
    at,
  }
}

/** Writes a task whose row the caller has locked, and adds what changed to its feed. */
export async function saveTask(tx: Queryable, record: ReturnType<typeof taskRecord>): Promise<void> {
  await tx.query(SAVE_TASKS, [jsonbText([record])])
}
