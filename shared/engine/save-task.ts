import type { Queryable } from '../platform/store.ts'
import type { Task } from './task.ts'

// The feed's number comes from the task's row: order of numbers is order of commits.
const SAVE_TASK = `
  with changed as (
    update data_pipeline_tasks
       set status = $2, step_status = $3, progress = $4, started_at = $5, completed_at = $6,
           error_message = $7, error_code = $8, result = $9, event_seq = event_seq + 1
     where id = $1
    returning id, event_seq
  )
  insert into task_events (task_id, seq, type, data, created_at)
  select id, event_seq, 'task', $10, $11
    from changed`

/** Writes a task whose row the caller has locked, and adds what changed to its feed. */
export async function saveTask(tx: Queryable, task: Task, now: Date): Promise<void> {
  const event = {
    task_id: task.id,
    status: task.status,
    progress: task.progress,
    step_status: task.stepStatus,
    error_message: task.errorMessage,
    error_code: task.errorCode,
  }
  await tx.query(SAVE_TASK, [
    task.id,
    task.status,
    JSON.stringify(task.stepStatus),
    task.progress,
    task.startedAt,
    task.completedAt,
    task.errorMessage,
    task.errorCode,
    task.result === null ? null : JSON.stringify(task.result),
    JSON.stringify(event),
    now,
  ])
}
