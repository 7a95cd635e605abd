import { localTime } from '../platform/clock.ts'
import type { Files } from '../platform/files.ts'
import type { Platform } from '../platform/platform.ts'
import type { Queryable } from '../platform/store.ts'
import { type FileType, listOutputs, type Output, saveOutputs } from './outputs.ts'
import type { Task } from './task.ts'

/** A text's row among the outputs: its size in bytes and its SHA-256. */
export async function outputOfText(
  fileName: string,
  fileType: FileType,
  text: string,
  description: string,
  primary = false,
): Promise<Output> {
  const bytes = new TextEncoder().encode(text)
  return { fileName, fileType, size: bytes.length, hash: await sha256(bytes), description, primary }
}

/** Hex SHA-256. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** The names of all files of a task, read page by page: where each call counts, a thousand files cost one. */
export async function taskFileNames(files: Files, taskId: string): Promise<string[]> {
  const prefix = `${taskId}/`
  const names: string[] = []
  let cursor: string | null = null
  do {
    const page = await files.list(prefix, cursor === null ? {} : { cursor })
    names.push(...page.files.map(({ key }) => key.slice(prefix.length)))
    cursor = page.cursor
  } while (cursor !== null)
  return names
}

/** Writes `task_result.json` of a task that has come to its end, inside the transaction that ends it. */
export async function writeTaskResult(platform: Platform, tx: Queryable, task: Task): Promise<void> {
  const time = (at: Date | null) => (at === null ? null : localTime(at, platform.clock.timeZone))
  const outputs = await listOutputs(tx, task.id)
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
      .filter(({ fileName }) => fileName !== 'task_result.json')
      .map(({ fileName, fileType, size, hash }) => ({
        file_name: fileName,
        file_type: fileType,
        file_size: size,
        content_hash: hash,
      })),
  }
  const text = `${JSON.stringify(result, null, 2)}\n`
  await platform.files.put(`${task.id}/task_result.json`, text)
  const output = await outputOfText('task_result.json', 'json', text, 'Task result')
  await saveOutputs(tx, task.id, null, [output], platform.clock.now())
}
