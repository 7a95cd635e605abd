import { decodeCursor, encodeCursor } from '../../platform/cursor.ts'
import { jsonbText } from '../../platform/jsonb-text.ts'
import type { Queryable } from '../../platform/store.ts'
import type { Finding } from './finding.ts'
import type { Plan, Skipped } from './plan.ts'

/** A clean-up: planned, perhaps executed, perhaps undone. */
export interface Cleanup {
  readonly id: string
  readonly taskId: string
  readonly executed: boolean
  readonly plan: Plan
  readonly findings: readonly Finding[]
  readonly skipped: readonly Skipped[]
  /** What scanning again has found. */
  readonly remaining: readonly Finding[]
  /** Null while nothing was executed. */
  readonly verified: boolean | null
  readonly createdAt: Date
  readonly createdBy: string
  readonly executedAt: Date | null
  readonly executedBy: string | null
  readonly reason: string | null
  readonly rolledBackAt: Date | null
  readonly rolledBackBy: string | null
  readonly snapshotRemovedAt: Date | null
}

export interface CleanupRequest {
  readonly taskId: string
  /** Off: a plan is made and nothing else. */
  readonly execute: boolean
  /** Which plan; the newest of the task when absent. */
  readonly cleanupId?: string | undefined
  readonly reason?: string | undefined
  readonly by: string
  readonly requestId?: string | undefined
  /** Which findings are put right; all of them when absent. */
  readonly only?: ((finding: Finding) => boolean) | undefined
  /** Called in the transaction of the change, which it may refuse by a throw. */
  readonly hold?: ((tx: Queryable, change: { before: unknown; after: unknown }) => Promise<void>) | undefined
}

const COLUMNS = `id, task_id, executed, plan, findings, skipped, remaining, verified, created_at, created_by, executed_at, executed_by,
         reason, rolled_back_at, rolled_back_by, snapshot_removed_at`

const SAVE_PLAN = `
  insert into cleanups (id, task_id, executed, plan, findings, created_at, created_by)
  values ($1, $2, false, $3, $4, $5, $6)`

const FIND_CLEANUP = `
  select ${COLUMNS}
    from cleanups
   where id = $1`

// Two who execute or undo the same one wait here for each other.
const LOCK_CLEANUP = `${FIND_CLEANUP}
     for update`

const LATEST_PLAN = `
  select ${COLUMNS}
    from cleanups
   where task_id = $1
   order by created_at desc, id desc
   limit 1`

const SAVE_EXECUTED = `
  update cleanups
     set executed = true, executed_at = $2, executed_by = $3, reason = $4, skipped = $5, snapshot = $6
   where id = $1 and not executed`

const SAVE_VERIFIED = `
  update cleanups
     set verified = $2, remaining = $3, skipped = $4
   where id = $1`

const SAVE_ROLLED_BACK = `
  update cleanups
     set rolled_back_at = $2, rolled_back_by = $3
   where id = $1 and rolled_back_at is null`

const LIST_CLEANUPS = `
  select ${COLUMNS}
    from cleanups
   where ($1::timestamptz is null or (created_at, id) < ($1, $2))
     and ($4::varchar is null or task_id = $4)
   order by created_at desc, id desc
   limit $3`

export async function savePlan(
  store: Queryable,
  cleanup: Pick<Cleanup, 'id' | 'taskId' | 'plan' | 'findings' | 'createdAt' | 'createdBy'>,
): Promise<void> {
  const { id, taskId, plan, findings, createdAt, createdBy } = cleanup
  await store.query(SAVE_PLAN, [id, taskId, jsonbText(plan), jsonbText(findings), createdAt, createdBy.slice(0, 50)])
}

export async function findCleanup(store: Queryable, id: string): Promise<Cleanup | null> {
  return first((await store.query<CleanupRow>(FIND_CLEANUP, [id])).rows)
}

export async function lockCleanup(tx: Queryable, id: string): Promise<Cleanup | null> {
  return first((await tx.query<CleanupRow>(LOCK_CLEANUP, [id])).rows)
}

/** The newest clean-up of a task, executed or not. */
export async function latestCleanup(store: Queryable, taskId: string): Promise<Cleanup | null> {
  return first((await store.query<CleanupRow>(LATEST_PLAN, [taskId])).rows)
}

export async function saveExecuted(
  tx: Queryable,
  id: string,
  {
    at,
    by,
    reason,
    skipped,
    snapshot,
  }: { at: Date; by: string; reason: string | null; skipped: readonly Skipped[]; snapshot: object },
): Promise<boolean> {
  const values = [id, at, by.slice(0, 50), reason, jsonbText(skipped), jsonbText(snapshot)]
  return (await tx.query(SAVE_EXECUTED, values)).rowCount > 0
}

export async function saveVerified(
  store: Queryable,
  id: string,
  { verified, remaining, skipped }: Pick<Cleanup, 'remaining' | 'skipped'> & { verified: boolean },
): Promise<void> {
  await store.query(SAVE_VERIFIED, [id, verified, jsonbText(remaining), jsonbText(skipped)])
}

export async function saveRolledBack(tx: Queryable, id: string, at: Date, by: string): Promise<boolean> {
  return (await tx.query(SAVE_ROLLED_BACK, [id, at, by.slice(0, 50)])).rowCount > 0
}

/** Clean-ups, newest first. @throws {Problem} `invalid_request` for a strange cursor */
export async function listCleanups(
  store: Queryable,
  { limit, cursor, taskId }: { limit: number; cursor: string | undefined; taskId: string | undefined },
): Promise<{ cleanups: Cleanup[]; cursor: string | null }> {
  const [at = null, id = null] = cursor === undefined ? [] : decodeCursor(cursor, 2)
  const { rows } = await store.query<CleanupRow>(LIST_CLEANUPS, [at, id, limit + 1, taskId ?? null])
  const cleanups = rows.slice(0, limit).map(cleanupOf)
  const last = cleanups.at(-1)
  const next = rows.length > limit && last !== undefined ? encodeCursor([last.createdAt.toISOString(), last.id]) : null
  return { cleanups, cursor: next }
}

interface CleanupRow {
  id: string
  task_id: string
  executed: boolean
  plan: Plan
  findings: Finding[]
  skipped: Skipped[]
  remaining: Finding[]
  verified: boolean | null
  created_at: Date
  created_by: string | null
  executed_at: Date | null
  executed_by: string | null
  reason: string | null
  rolled_back_at: Date | null
  rolled_back_by: string | null
  snapshot_removed_at: Date | null
}

function first(rows: readonly CleanupRow[]): Cleanup | null {
  return rows[0] === undefined ? null : cleanupOf(rows[0])
}

function cleanupOf(row: CleanupRow): Cleanup {
  const { id, executed, plan, findings, skipped, remaining, verified, reason } = row
  return {
    id,
    taskId: row.task_id,
    executed,
    plan,
    findings,
    skipped,
    remaining,
    verified,
    createdAt: row.created_at,
    createdBy: row.created_by ?? '',
    executedAt: row.executed_at,
    executedBy: row.executed_by,
    reason,
    rolledBackAt: row.rolled_back_at,
    rolledBackBy: row.rolled_back_by,
    snapshotRemovedAt: row.snapshot_removed_at,
  }
}
