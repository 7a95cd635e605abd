import type { Platform } from '../platform/platform.ts'
import { Problem } from '../platform/problems.ts'
import { keepEndedRun } from './ended-runs.ts'
import { findActiveExecution } from './execution.ts'
import { lockTask } from './task.ts'

const DELETE_TASK = `
  delete from data_pipeline_tasks
   where id = $1`

/**
 * Removes a task with its rows and files. What it loaded into the training store stays: that is removed item by item.
 * @returns how many files were removed
 * @throws {Problem} `task_not_found`, `step_running`
 */
export async function deleteTask(platform: Platform, taskId: string): Promise<number> {
  await platform.store.transaction(async (tx) => {
    if ((await lockTask(tx, taskId)) === null) throw new Problem('task_not_found', `Cannot find task "${taskId}"`)
    const active = await findActiveExecution(tx, taskId)
    if (active !== null) {
      throw new Problem('step_running', `Cannot delete ${taskId}: ${active.step} is ${active.status}`, {
        hint: 'Cancel the task first',
      })
    }
    await keepEndedRun(tx, taskId)
    await tx.query(DELETE_TASK, [taskId])
  })
  // Rows first: a crash in between leaves files without rows, which the scan finds; never a task without its files.
  let removed = 0
  for (;;) {
    const page = await platform.files.list(`${taskId}/`, { limit: 1000 })
    if (page.files.length === 0) break
    await platform.files.delete(page.files.map(({ key }) => key))
    removed += page.files.length
  }
  platform.log('task.deleted', { taskId, files: removed })
  return removed
}
