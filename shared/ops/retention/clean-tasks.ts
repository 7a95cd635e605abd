import type { Platform } from '../../platform/platform.ts'
import { allowance } from './allowance.ts'
import { deleteOldRows } from './delete-old-rows.ts'
import { deleteOldTasks } from './delete-old-tasks.ts'
import { deleteOldReports, deleteOrphanFiles } from './delete-orphan-files.ts'

export interface RetentionCounts {
  readonly tasks: number
  /** Of those tasks. */
  readonly files: number
  /** Tasks that could not be deleted now. */
  readonly failed: number
  /** Files in folders of tasks that there are no more. */
  readonly orphan_files: number
  readonly reports: number
  /** Other rows, by their kind. */
  readonly rows: Readonly<Record<string, number>>
  /** Whether something is left to the next run. */
  readonly left: boolean
}

/**
 * Deletes what is older than it is kept, so that neither the store nor the disk grows for ever. Bounded; safe to run
 * twice at once and to be interrupted anywhere: whatever is left is still old for the next run.
 */
export async function cleanTasks(platform: Platform): Promise<RetentionCounts> {
  const allowed = allowance(platform)
  const { tasks, files, failed, left: tasksLeft } = await deleteOldTasks(platform, allowed)
  const { rows, left: rowsLeft } = await deleteOldRows(platform, allowed)
  const orphans = await deleteOrphanFiles(platform, allowed)
  const reports = await deleteOldReports(platform)
  const left = tasksLeft || rowsLeft || orphans.left
  const counts = { tasks, files, failed, orphan_files: orphans.orphans, reports, rows, left }
  platform.log('retention.done', { ...counts })
  return counts
}
