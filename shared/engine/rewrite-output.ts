import type { Platform } from '../platform/platform.ts'
import { Problem } from '../platform/problems.ts'
import { findActiveExecution } from './execution.ts'
import { listOutputs, type StoredOutput, saveOutputs } from './outputs.ts'
import { lockTask } from './task.ts'
import { outputOfFile } from './task-files.ts'

/**
 * Changes the text of one of a task's files and the size and hash of its row with it, while nothing of the task runs.
 * @param change gets the present text and gives the new one; what it throws leaves everything as it was
 * @returns false when the task has no such file
 * @throws {Problem} `task_not_found`, `step_running`, `file_conflict` when something else has just changed the file
 */
export async function rewriteOutput(
  platform: Platform,
  taskId: string,
  isWanted: (fileName: string) => boolean,
  change: (text: string) => string,
): Promise<boolean> {
  return await platform.store.transaction(async (tx) => {
    // The task's lock keeps steps from starting, and a second change waiting, until this one is done.
    if ((await lockTask(tx, taskId)) === null) throw new Problem('task_not_found', `Cannot find task "${taskId}"`)
    const active = await findActiveExecution(tx, taskId)
    if (active !== null) {
      throw new Problem('step_running', `Cannot change a file of ${taskId}: ${active.step} is ${active.status}`, {
        hint: 'Wait until the step ends, or cancel the task',
        retryAfter: 5,
      })
    }
    const output = (await listOutputs(tx, taskId)).find(({ fileName }) => isWanted(fileName))
    const file = output === undefined ? null : await platform.files.get(output.path)
    if (output === undefined || file === null) return false
    const text = change(await new Response(file.body).text())
    await platform.files.put(output.path, text, { ifMatch: file.etag })
    const { fileName, fileType, description, primary } = output
    const row = outputOfFile(fileName, fileType, text, description, primary)
    await saveOutputs(tx, taskId, ownerOf(output), [row], platform.clock.now())
    return true
  })
}

function ownerOf({ executionId, step }: StoredOutput) {
  return executionId === null || step === null ? null : { executionId, step }
}
