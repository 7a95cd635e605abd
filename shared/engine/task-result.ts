import { localTime } from '../platform/clock.ts'
import type { Platform } from '../platform/platform.ts'
import type { Queryable } from '../platform/store.ts'
import { listOutputs, type Output, saveOutputs } from './outputs.ts'
import type { Task } from './task.ts'
import { outputOfFile } from './task-files.ts'

export const TASK_RESULT = 'task_result.json'

/** `task_result.json` of a task that has come to its end, and its row among the outputs. */
export async function taskResult(
  platform: Platform,
  task: Task,
  outputs: readonly Output[],
): Promise<{ text: string; output: Output }> {
  const time = (at: Date | null) => (at === null ? null : localTime(at, platform.clock.timeZone))
  const result = {
    task_id: task.id,
    task_type: task.taskType,
    status: task.status,
    step_status: task.stepStatus,
    progress: task.progress,
    created_at: time(task.createdAt),
    started_at: time(task.startedAt),
    completed_at: time(task.completedAt),
    error: task.errorMessage,
    error_code: task.errorCode,
    result: task.result,
    files: outputs
      .filter(({ fileName }) => fileName !== TASK_RESULT)
      .toSorted((one, other) => Number(other.primary) - Number(one.primary) || (one.fileName < other.fileName ? -1 : 1))
      .map(({ fileName, fileType, size, hash }) => ({
        file_name: fileName,
        file_type: fileType,
        file_size: size,
        content_hash: hash,
      })),
  }
  const text = `${JSON.stringify(result, null, 2)}\n`
  return { text, output: outputOfFile(TASK_RESULT, 'json', text, 'Task result') }
}

/** Writes it inside the transaction that ends the task, whose row the caller holds. */
export async function writeTaskResult(platform: Platform, tx: Queryable, task: Task): Promise<Output> {
  const { text, output } = await taskResult(platform, task, await listOutputs(tx, task.id))
  await platform.files.put(`${task.id}/${TASK_RESULT}`, text, { derived: true })
  await saveOutputs(tx, task.id, null, [output], platform.clock.now())
  return output
}
