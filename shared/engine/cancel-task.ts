import type { Platform } from '../platform/platform.ts'
import { Problem } from '../platform/problems.ts'
import type { Queryable } from '../platform/store.ts'
import { type Execution, listActiveExecutions } from './execution.ts'
import { admitAndSend } from './messages.ts'
import { saveTask, taskRecord } from './save-task.ts'
import { lockTask, type Task } from './task.ts'
import { writeTaskResult } from './task-result.ts'

export interface CancelAnswer {
  readonly task: Task
  /** True when a running step has been asked to stop and has not answered yet. */
  readonly requested: boolean
}

const REQUEST_CANCEL = `
  update data_pipeline_task_executions
     set cancel_requested_at = coalesce(cancel_requested_at, $2)
   where execution_id = $1 and status = 'running'`

const CANCEL_QUEUED = `
  update data_pipeline_task_executions
     set status = 'cancelled', completed_at = $2, lease_owner = null, lease_expires_at = null
   where execution_id = $1 and (status = 'queued' or (status = 'running' and heartbeat_at is null))
  returning execution_id`

/**
 * Cancels a task: at once where nothing of it runs, else by asking the worker, which stops between two items.
 * @throws {Problem} `task_not_found`, `task_final`
 */
export async function cancelTask(platform: Platform, taskId: string): Promise<CancelAnswer> {
  const answer = await platform.store.transaction(async (tx) => {
    const task = await lockTask(tx, taskId)
    if (task === null) throw new Problem('task_not_found', `Cannot find task "${taskId}"`)
    if (['completed', 'failed', 'cancelled'].includes(task.status)) {
      throw new Problem('task_final', `Cannot cancel ${taskId}: it is ${task.status}`)
    }
    const now = platform.clock.now()
    const stepStatus = { ...task.stepStatus }
    let requested = false
    for (const active of await listActiveExecutions(tx, taskId)) {
      if (!(await cancelUnclaimed(tx, active, now))) {
        await tx.query(REQUEST_CANCEL, [active.executionId, now])
        requested = true
      } else if (active.step in stepStatus) stepStatus[active.step] = 'cancelled'
    }
    if (requested) {
      const asked: Task = { ...task, stepStatus }
      if (Object.keys(stepStatus).some((step) => stepStatus[step] !== task.stepStatus[step]))
        await saveTask(tx, taskRecord(asked, now))
      return { task: asked, requested }
    }
    const cancelled: Task = { ...task, status: 'cancelled', stepStatus, completedAt: now }
    await saveTask(tx, taskRecord(cancelled, now))
    await writeTaskResult(platform, tx, cancelled)
    return { task: cancelled, requested: false }
  })
  if (!answer.requested) {
    platform.log('task.finished', { taskId, status: answer.task.status })
    await admitAndSend(platform)
  }
  return answer
}

async function cancelUnclaimed(tx: Queryable, active: Execution, now: Date): Promise<boolean> {
  return (await tx.query(CANCEL_QUEUED, [active.executionId, now])).rowCount > 0
}
