import { findActiveExecution } from '../../engine/execution.ts'
import { admitAndSend, sendMessages } from '../../engine/messages.ts'
import { functionOf } from '../../engine/planned-workflow.ts'
import { saveTask, taskRecord } from '../../engine/save-task.ts'
import { lockTask } from '../../engine/task.ts'
import { writeAudit } from '../../platform/audit.ts'
import type { Platform } from '../../platform/platform.ts'
import { Problem } from '../../platform/problems.ts'
import type { Message } from '../../platform/queue.ts'
import type { Queryable } from '../../platform/store.ts'
import {
  type Cleanup,
  type CleanupRequest,
  findCleanup,
  lockCleanup,
  saveExecuted,
  saveVerified,
} from './cleanup-store.ts'
import { type Copy, copyFile, markRemoved, saveCopies } from './copies.ts'
import { countByType, findingKey } from './finding.ts'
import { HashBudget } from './folder.ts'
import { type Folders, foldersOf, lookTwice, takePictures } from './look.ts'
import { CHANGED, makePlan, type Plan, type Planning, type Skipped, stillPlanned } from './plan.ts'
import { deleteRows, imageOf, keepRow, type RowRef, type TableName, updateRow } from './rows.ts'

const VERIFY_BYTES_MAX = 512 * 1024 * 1024
const REMOVED_AT_ONCE = 50 // files; the task is held for as long as these take

/**
 * Does what was planned and is still so: copies the files, changes the rows in one transaction that keeps each as it was,
 * removes the files, and scans again. What has changed since the plan stays and is answered as skipped.
 */
export async function execute(platform: Platform, planned: Cleanup, request: CleanupRequest): Promise<Cleanup> {
  const folders = await foldersOf(platform, planned.taskId)
  const { copies, missed } = await copyFiles(platform, planned, folders)
  const { skipped, messages } = await changeRows(platform, planned, request, { folders, copies, missed })
  const kept = copies.filter(({ key }) => !skipped.some((one) => one.kind === 'file' && one.key === key))
  const left = await removeFiles(platform, planned, kept)
  await sendMessages(platform, messages)
  await admitAndSend(platform)
  await verify(platform, planned, [...skipped, ...left])
  platform.log('cleanup.executed', {
    cleanupId: planned.id,
    taskId: planned.taskId,
    skipped: skipped.length + left.length,
  })
  const done = await findCleanup(platform.store, planned.id)
  if (done === null) throw new Problem('internal', `The clean-up ${planned.id} was not kept`)
  return done
}

/** Before anything changes: a copy of each file that is still as it was planned. */
async function copyFiles({ files }: Platform, { id, plan, taskId }: Cleanup, folders: Folders) {
  const copies: Copy[] = []
  const missed: string[] = []
  const folder = folders.get(taskId)
  for (const [no, file] of plan.files.entries()) {
    const isThere = folder?.get(file.key.slice(taskId.length + 1))?.etag === file.etag
    const copy = isThere ? await copyFile(files, file, { cleanupId: id, no }) : null
    if (copy === null) missed.push(file.key)
    else copies.push(copy)
  }
  return { copies, missed }
}

interface Prepared {
  readonly folders: Folders
  readonly copies: readonly Copy[]
  /** Files of which there is no copy. */
  readonly missed: readonly string[]
}

/** One transaction, under the lock of the task: nothing of it can start meanwhile. */
async function changeRows(
  platform: Platform,
  planned: Cleanup,
  request: CleanupRequest,
  { folders, copies, missed }: Prepared,
): Promise<{ skipped: Skipped[]; messages: Message[] }> {
  const { clock, store } = platform
  return await store.transaction(async (tx) => {
    await lockTask(tx, planned.taskId)
    const current = await lockCleanup(tx, planned.id)
    if (current === null || current.executed) {
      throw new Problem('cleanup_refused', `${planned.id} was executed already`, { hint: 'Plan a new one' })
    }
    const [picture] = await takePictures(platform, tx, [planned.taskId], folders)
    if (picture === undefined) throw new Problem('internal', `Nothing is known of ${planned.taskId}`)
    const fresh = await makePlan(tx, picture, request.only)
    const { plan, skipped } = stillPlanned(planned.plan, fresh.plan)
    const done = await applyRows(platform, tx, planned, plan, fresh)
    skipped.push(...done.skipped)
    const lost = missed.filter((key) => !skipped.some((one) => one.kind === 'file' && one.key === key))
    skipped.push(...lost.map((key) => ({ kind: 'file' as const, key, reason: CHANGED })))
    const wanted = new Set(plan.files.map(({ key }) => key))
    const kept = copies.filter(({ key }) => wanted.has(key))
    await saveCopies(tx, planned.id, kept)
    const at = clock.now()
    const reason = request.reason ?? null
    const snapshot = { rows: done.kept, files: kept.length }
    await saveExecuted(tx, planned.id, { at, by: request.by, reason, skipped, snapshot })
    const before = {
      cleanup_id: planned.id,
      findings: countByType(planned.findings),
      rows: rowsOf(plan),
      files: plan.files.map(({ key }) => key),
    }
    const after = { rows_changed: done.kept, files_removed: kept.length, skipped }
    const audit = { at, actor: request.by, action: 'cleanup.executed', target: planned.taskId, reason }
    await writeAudit(tx, { ...audit, before, after, requestId: request.requestId ?? null })
    await request.hold?.(tx, { before, after })
    return { skipped, messages: done.messages }
  })
}

function rowsOf(plan: Plan): object[] {
  return plan.rows.map(({ table, key, action }) => ({ table, key, action }))
}

/** Changes the rows of a plan, each only if it is still as planned. */
async function applyRows(platform: Platform, tx: Queryable, cleanup: Cleanup, plan: Plan, fresh: Planning) {
  const { draft, task, picture } = fresh
  const skipped: Skipped[] = []
  const messages: Message[] = []
  let kept = 0
  const at = () => ({ taskId: cleanup.taskId, cleanupId: cleanup.id, kept })
  const of = (table: TableName, action: string) =>
    plan.rows.filter((row) => row.table === table && row.action === action)
  for (const table of ['checkpoints', 'outputs'] as const) {
    const rows = of(table, 'delete')
    const gone = new Set(await deleteRows(tx, at(), table, rows))
    kept += gone.size
    skipped.push(...rows.filter(({ key }) => !gone.has(key)).map(skippedRow))
  }
  const change = async (row: RowRef, values: object) => {
    const changed = await updateRow(tx, at(), row, values)
    if (changed) kept += 1
    else skipped.push(skippedRow(row))
    return changed
  }
  for (const row of of('outputs', 'update')) {
    const file = draft.adopted.get(row.key)
    if (file === undefined || file.hash === null) skipped.push(skippedRow(row))
    else await change(row, { file_size: file.size, content_hash: file.hash, modified_at: platform.clock.now() })
  }
  for (const row of of('executions', 'update')) {
    const values = draft.executions.get(row.key) ?? {}
    const execution = picture.executions.find(({ executionId }) => executionId === row.key)
    if (!(await change(row, values)) || execution === undefined || values.status !== 'queued') continue
    const body = { execution_id: row.key, claim: Number(values.claim) }
    messages.push({ function: functionOf(execution), body })
  }
  const [row] = of('tasks', 'update')
  if (row !== undefined && task !== null && picture.task !== null) {
    const before = await imageOf(tx, cleanup.taskId, 'tasks', row.key)
    await saveTask(tx, taskRecord(task, platform.clock.now(), true))
    const after = await imageOf(tx, cleanup.taskId, 'tasks', row.key)
    await keepRow(tx, at(), { table: 'tasks', key: row.key, action: 'update', before, after })
    kept += 1
    kept += await keepEvent(tx, at())
  }
  return { skipped, messages, kept }
}

const LATEST_EVENT = `
  select seq::text as key
    from task_events
   where task_id = $1
   order by seq desc
   limit 1`

/** The entry that the change of the task has added to its feed. */
async function keepEvent(tx: Queryable, at: { taskId: string; cleanupId: string; kept: number }): Promise<number> {
  const key = (await tx.query<{ key: string }>(LATEST_EVENT, [at.taskId])).rows[0]?.key
  if (key === undefined) return 0
  const after = await imageOf(tx, at.taskId, 'events', key)
  await keepRow(tx, at, { table: 'events', key, action: 'insert', before: null, after })
  return 1
}

function skippedRow({ table, key }: RowRef): Skipped {
  return { kind: table, key, reason: CHANGED }
}

/** Removes what was copied, a few at a time while the task is held, unless it works again or a file has changed. */
async function removeFiles(platform: Platform, cleanup: Cleanup, copies: readonly Copy[]): Promise<Skipped[]> {
  const { store, files, clock } = platform
  const etags = new Map(cleanup.plan.files.map(({ key, etag }) => [key, etag]))
  const left: Skipped[] = []
  for (let from = 0; from < copies.length; from += REMOVED_AT_ONCE) {
    const batch = copies.slice(from, from + REMOVED_AT_ONCE)
    await store.transaction(async (tx) => {
      const task = await lockTask(tx, cleanup.taskId)
      const active = task === null ? null : await findActiveExecution(tx, cleanup.taskId)
      // One that this clean-up has just queued again waits for its message, which is sent afterwards.
      const isOurs = cleanup.plan.rows.some(({ key }) => key === active?.executionId) && active?.status === 'queued'
      const isBusy = active !== null && !isOurs
      const gone: Copy[] = []
      for (const copy of batch) {
        const found = isBusy ? null : await files.head(copy.key)
        if (found !== null && found.etag === etags.get(copy.key)) gone.push(copy)
        else left.push({ kind: 'file', key: copy.key, reason: isBusy ? 'task_is_working' : CHANGED })
      }
      await files.delete(gone.map(({ key }) => key))
      await markRemoved(
        tx,
        cleanup.id,
        gone.map(({ no }) => no),
        clock.now(),
      )
    })
  }
  return left
}

/** Scans again: what was to be put right must no longer be found. */
async function verify(platform: Platform, { id, taskId, findings }: Cleanup, skipped: readonly Skipped[]) {
  const remaining = await lookTwice(platform, [taskId], { files: true, budget: new HashBudget(VERIFY_BYTES_MAX) })
  const wanted = new Set(findings.map(findingKey))
  const verified = !remaining.some((finding) => wanted.has(findingKey(finding)))
  await saveVerified(platform.store, id, { verified, remaining, skipped })
}
