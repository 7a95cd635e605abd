import { findActiveExecution } from '../../engine/execution.ts'
import { lockTask } from '../../engine/task.ts'
import { writeAudit } from '../../platform/audit.ts'
import type { Files } from '../../platform/files.ts'
import type { Platform } from '../../platform/platform.ts'
import { type FieldError, Problem } from '../../platform/problems.ts'
import { type Cleanup, findCleanup, lockCleanup, saveRolledBack } from './cleanup-store.ts'
import { type Copy, listCopies, putBack } from './copies.ts'
import { hashOfFile } from './folder.ts'
import { restoreRows, rowConflicts } from './rows.ts'

export interface RollbackRequest {
  readonly cleanupId: string
  readonly reason?: string | undefined
  readonly by: string
  readonly requestId?: string | undefined
}

/**
 * Undoes a clean-up: its rows and files are again as they were before, to the byte. What others have written since stays;
 * where they have taken the place of a row or file, nothing is undone at all.
 * @throws {Problem} `cleanup_not_found`, `cleanup_refused` with each conflict, `step_running`
 */
export async function rollBackCleanup(platform: Platform, request: RollbackRequest): Promise<Cleanup> {
  const { store, files } = platform
  const { cleanupId } = request
  const cleanup = await findCleanup(store, cleanupId)
  if (cleanup === null) {
    throw new Problem('cleanup_not_found', `Cannot find the clean-up "${cleanupId}"`, {
      hint: 'List them with `helix cleanups`',
    })
  }
  assertUndoable(cleanup)
  const copies = (await listCopies(store, cleanupId)).filter(({ removed }) => removed)
  const written = await putFilesBack(files, cleanup, copies)
  try {
    await undoRows(platform, cleanup, request)
  } catch (error) {
    // Only what this very call has put there, and nobody has changed.
    for (const { key, etag } of written) if ((await files.head(key))?.etag === etag) await files.delete([key])
    throw error
  }
  platform.log('cleanup.rolled_back', { cleanupId, taskId: cleanup.taskId })
  return (await findCleanup(store, cleanupId)) ?? cleanup
}

function assertUndoable(cleanup: Cleanup): void {
  const reason = !cleanup.executed
    ? 'it was only planned'
    : cleanup.rolledBackAt !== null
      ? 'it was rolled back already'
      : cleanup.snapshotRemovedAt !== null
        ? 'its snapshot was older than 7 days and is gone'
        : null
  if (reason !== null) throw new Problem('cleanup_refused', `Cannot roll back ${cleanup.id}: ${reason}`)
}

/** Puts every file back, or none. */
async function putFilesBack(files: Files, { id }: Cleanup, copies: readonly Copy[]) {
  const written: { key: string; etag: string }[] = []
  const conflicts: FieldError[] = []
  for (const copy of copies) {
    try {
      const etag = await putBack(files, copy)
      written.push({ key: copy.key, etag })
      if ((await hashOfFile(files, copy.key)) !== copy.hash)
        conflicts.push({ path: copy.key, message: 'the copy is damaged' })
    } catch (error) {
      if (!(error instanceof Problem) || !['file_conflict', 'file_not_found'].includes(error.code)) throw error
      if ((await hashOfFile(files, copy.key)) === copy.hash) continue // an interrupted rollback has put it there
      conflicts.push({
        path: copy.key,
        message: error.code === 'file_conflict' ? 'another file lies there now' : 'the copy is gone',
      })
    }
  }
  if (conflicts.length === 0) return written
  await files.delete(written.map(({ key }) => key))
  throw refused(id, conflicts)
}

async function undoRows(platform: Platform, cleanup: Cleanup, request: RollbackRequest): Promise<void> {
  const { id, taskId } = cleanup
  await platform.store.transaction(async (tx) => {
    await lockTask(tx, taskId)
    const current = await lockCleanup(tx, id)
    if (current !== null) assertUndoable(current)
    const conflicts = await rowConflicts(tx, taskId, id)
    if (conflicts.length > 0) {
      throw refused(
        id,
        conflicts.map(({ table, key, action }) => ({
          path: `${table}: ${key}`,
          message: action === 'delete' ? 'there is such a row again' : 'the row has changed since',
        })),
      )
    }
    const active = await findActiveExecution(tx, taskId)
    const isOurs = cleanup.plan.rows.some(({ table, key }) => table === 'executions' && key === active?.executionId)
    if (active !== null && !isOurs) {
      throw new Problem('step_running', `Cannot roll back ${id}: ${active.step} of ${taskId} is ${active.status}`, {
        hint: 'Wait until it ends, or cancel the task',
        retryAfter: 30,
      })
    }
    const restored = await restoreRows(tx, taskId, id)
    const at = platform.clock.now()
    await saveRolledBack(tx, id, at, request.by)
    await writeAudit(tx, {
      at,
      actor: request.by,
      action: 'cleanup.rolled_back',
      target: taskId,
      reason: request.reason ?? null,
      before: { cleanup_id: id, executed_at: cleanup.executedAt, executed_by: cleanup.executedBy },
      after: { rows_restored: restored },
      requestId: request.requestId ?? null,
    })
  })
}

function refused(id: string, errors: readonly FieldError[]): Problem {
  const named = errors.slice(0, 5).map(({ path, message }) => `${path} (${message})`)
  return new Problem('cleanup_refused', `Cannot roll back ${id}: ${named.join(', ')}`, { errors: errors.slice(0, 100) })
}
