import { decodeCursor, encodeCursor } from '../../platform/cursor.ts'
import { jsonbText } from '../../platform/jsonb-text.ts'
import type { Queryable } from '../../platform/store.ts'
import type { DirtyType } from './dirty-type.ts'
import type { Finding } from './finding.ts'

/** What a scan did not look at, and why: the next one goes on there. */
export interface LeftOut {
  readonly what: 'tasks' | 'hashes' | 'folders' | 'findings'
  readonly count: number | null
}

export interface Scan {
  readonly id: string
  readonly startedAt: Date
  readonly completedAt: Date
  readonly startedBy: string
  readonly findings: readonly Finding[]
  readonly counts: Record<DirtyType, number>
  readonly looked: { readonly tasks: number; readonly bytes: number }
  readonly leftOut: readonly LeftOut[]
}

// What the store alone can tell: tasks in progress, and executions that go on or were tried too often. By the partial
// indexes of what is under way; the rest is few.
const LIST_SUSPECTS = `
  select distinct task_id as id
    from (
      select task_id from data_pipeline_task_executions where status in ('queued', 'running') and admitted_at is not null
      union all
      select task_id from data_pipeline_task_executions where attempt > max_attempts
      union all
      select id from data_pipeline_tasks where status = 'in_progress'
    ) suspects
   order by id desc
   limit $1`

// Outputs whose execution is gone: one walk along two indexes.
const LIST_ORPHANED = `
  select distinct o.task_id as id
    from data_pipeline_task_outputs o
    left join data_pipeline_task_executions e on e.execution_id = o.execution_id
   where o.execution_id is not null and e.execution_id is null
   order by 1 desc
   limit $1`

// By the primary key.
const LIST_TASKS = `
  select id
    from data_pipeline_tasks
   where $1::varchar is null or id > $1
   order by id
   limit $2`

const FIND_KNOWN = `
  select id
    from data_pipeline_tasks
   where id = any($1)`

const LAST_POSITION = `
  select resume_after
    from scans
   where looked ? 'round'
   order by started_at desc, id desc
   limit 1`

const SAVE_SCAN = `
  insert into scans (id, started_at, completed_at, findings, counts, started_by, resume_after, left_out, looked)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`

const LIST_SCANS = `
  select id, started_at, completed_at, findings, counts, started_by, left_out, looked
    from scans
   where $1::timestamptz is null or (started_at, id) < ($1, $2)
   order by started_at desc, id desc
   limit $3`

/** Tasks that are likelier to be dirty than others. */
export async function listSuspects(store: Queryable, limit: number): Promise<string[]> {
  return (await store.query<{ id: string }>(LIST_SUSPECTS, [limit])).rows.map(({ id }) => id)
}

/** Tasks that have outputs of executions which do not exist; dearer to ask for than the others. */
export async function listOrphaned(store: Queryable, limit: number): Promise<string[]> {
  return (await store.query<{ id: string }>(LIST_ORPHANED, [limit])).rows.map(({ id }) => id)
}

export async function listTaskIds(store: Queryable, after: string | null, limit: number): Promise<string[]> {
  return (await store.query<{ id: string }>(LIST_TASKS, [after, limit])).rows.map(({ id }) => id)
}

export async function findKnownTasks(store: Queryable, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set()
  return new Set((await store.query<{ id: string }>(FIND_KNOWN, [ids])).rows.map(({ id }) => id))
}

export async function taskExists(store: Queryable, id: string): Promise<boolean> {
  return (await findKnownTasks(store, [id])).size > 0
}

/** Behind which task the next scan begins; null from the first. */
export async function lastPosition(store: Queryable): Promise<string | null> {
  return (await store.query<{ resume_after: string | null }>(LAST_POSITION)).rows[0]?.resume_after ?? null
}

/** @param resumeAfter undefined of a scan of one task, which moves no position */
export async function saveScan(store: Queryable, scan: Scan, resumeAfter: string | null | undefined): Promise<void> {
  const looked = resumeAfter === undefined ? scan.looked : { ...scan.looked, round: resumeAfter === null }
  await store.query(SAVE_SCAN, [
    scan.id,
    scan.startedAt,
    scan.completedAt,
    jsonbText(scan.findings),
    jsonbText(scan.counts),
    scan.startedBy.slice(0, 50),
    resumeAfter ?? null,
    jsonbText(scan.leftOut),
    jsonbText(looked),
  ])
}

/** Scans that were kept, newest first. @throws {Problem} `invalid_request` for a strange cursor */
export async function listScans(
  store: Queryable,
  limit: number,
  cursor: string | undefined,
): Promise<{ scans: Scan[]; cursor: string | null }> {
  const [at = null, id = null] = cursor === undefined ? [] : decodeCursor(cursor, 2)
  const { rows } = await store.query<ScanRow>(LIST_SCANS, [at, id, limit + 1])
  const scans = rows.slice(0, limit).map(scanOf)
  const last = scans.at(-1)
  const next = rows.length > limit && last !== undefined ? encodeCursor([last.startedAt.toISOString(), last.id]) : null
  return { scans, cursor: next }
}

interface ScanRow {
  id: string
  started_at: Date
  completed_at: Date | null
  findings: Scan['findings']
  counts: Partial<Scan['counts']>
  started_by: string | null
  left_out: Scan['leftOut']
  looked: Scan['looked']
}

function scanOf(row: ScanRow): Scan {
  const { tasks = 0, bytes = 0 } = row.looked
  return {
    id: row.id,
    startedAt: row.started_at,
    completedAt: row.completed_at ?? row.started_at,
    findings: row.findings,
    counts: { A: 0, B: 0, C: 0, D: 0, E: 0, ...row.counts },
    startedBy: row.started_by ?? '',
    leftOut: row.left_out,
    looked: { tasks, bytes },
  }
}
