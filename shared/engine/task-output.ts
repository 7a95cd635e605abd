import { assertKey, type FileInfo } from '../platform/files.ts'
import type { Platform } from '../platform/platform.ts'
import { Problem } from '../platform/problems.ts'
import { listOutputs, type StoredOutput } from './outputs.ts'
import { requireTask } from './task.ts'

/** A file of a task that may be read from outside, with what the file store says of it now. */
export interface TaskFile {
  readonly output: StoredOutput
  readonly info: FileInfo
}

/** @throws {Problem} `invalid_file_name` unless it is the plain name of a file, no path */
export function assertFileName(name: string): void {
  if (name.includes('/')) {
    throw new Problem('invalid_file_name', `The file name ${JSON.stringify(name.slice(0, 200))} is a path`)
  }
  assertKey(name)
}

/**
 * One of the files that a task's outputs list; nothing else in its folder can be reached.
 * @throws {Problem} `invalid_file_name`, `task_not_found`, `file_not_found`
 */
export async function findTaskFile(platform: Platform, taskId: string, name: string): Promise<TaskFile> {
  assertFileName(name)
  const { id } = await requireTask(platform.store, taskId)
  const output = (await readableOutputs(platform, id)).find(({ fileName }) => fileName === name)
  const info = output === undefined ? null : await infoOf(platform, output)
  if (output !== undefined && info !== null) return { output, info }
  throw new Problem('file_not_found', `Task ${id} has no file "${name}"`, {
    hint: `GET /api/v0/data_pipeline/tasks/${id}/files lists its files`,
  })
}

/** The files of a task that people may read, the important ones first. */
export async function readableOutputs(platform: Platform, taskId: string): Promise<StoredOutput[]> {
  const outputs = await listOutputs(platform.store, taskId)
  return outputs.filter(({ downloadable }) => downloadable)
}

/** Whether a file grows while its task runs: its row then keeps neither size nor hash. */
export function grows(output: StoredOutput): boolean {
  return output.hash === null
}

/** What the file store says; a growing file that nobody has written to yet is empty, not missing. */
export async function infoOf(platform: Platform, output: StoredOutput): Promise<FileInfo | null> {
  const info = await platform.files.head(output.path)
  if (info !== null || !grows(output)) return info
  return { key: output.path, size: 0, etag: '"empty"', modifiedAt: output.modifiedAt }
}
