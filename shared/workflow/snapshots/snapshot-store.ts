import { Problem } from '../../platform/problems.ts'
import type { Queryable } from '../../platform/store.ts'
import type { Workflow, WorkflowState } from '../workflow-store.ts'

/** What a workflow was, kept to go back to. */
export interface Snapshot {
  readonly id: number
  readonly workflowId: string
  readonly version: number
  readonly state: WorkflowState & { readonly contentHash: string }
  readonly reason: string
  readonly createdAt: Date
  readonly createdBy: string | null
}

const COLUMNS = 'id, workflow_id, version, state, reason, created_at, created_by'

const INSERT_SNAPSHOT = `
  insert into workflow_snapshots (workflow_id, version, state, reason, created_at, created_by)
  values ($1, $2, $3, $4, $5, $6)
  returning ${COLUMNS}`

const READ_SNAPSHOT = `
  select ${COLUMNS}
    from workflow_snapshots
   where workflow_id = $1 and id = $2`

// By the index on (workflow_id, created_at desc), narrowed to one workflow's snapshots.
const LIST_SNAPSHOTS = `
  select ${COLUMNS}
    from workflow_snapshots
   where workflow_id = $1 and ($2::bigint is null or id < $2)
   order by id desc
   limit $3`

// The newest one of a version.
const FIND_OF_VERSION = `
  select ${COLUMNS}
    from workflow_snapshots
   where workflow_id = $1 and version = $2
   order by id desc
   limit 1`

// The newest whose state is one that came before, or is, a version: what a rollback made counts as what it repeats.
const FIND_UP_TO = `
  select s.id, s.workflow_id, s.version, s.state, s.reason, s.created_at, s.created_by
    from workflow_snapshots s
    join workflow_versions v on v.workflow_id = s.workflow_id and v.version = s.version
   where s.workflow_id = $1 and coalesce(v.restores, v.version) <= $2
   order by coalesce(v.restores, v.version) desc, s.id desc
   limit 1`

/** Keeps the present state of a workflow that is held. */
export async function insertSnapshot(
  tx: Queryable,
  { id, version, definition, frozen, contentHash }: Workflow,
  { reason, at, by }: { reason: string; at: Date; by: string },
): Promise<Snapshot> {
  const state = JSON.stringify({ definition, frozen, contentHash })
  const { rows } = await tx.query<SnapshotRow>(INSERT_SNAPSHOT, [id, version, state, reason, at, by])
  const [row] = rows
  if (row === undefined) throw new Error('The statement inserts one row')
  return snapshotOf(row)
}

/** @throws {Problem} `snapshot_not_found` */
export async function readSnapshot(store: Queryable, workflowId: string, id: number): Promise<Snapshot> {
  const { rows } = await store.query<SnapshotRow>(READ_SNAPSHOT, [workflowId, id])
  if (rows[0] !== undefined) return snapshotOf(rows[0])
  throw new Problem('snapshot_not_found', `The workflow "${workflowId}" has no snapshot ${id}`)
}

/** Newest first, those before one of them. */
export async function listSnapshots(
  store: Queryable,
  workflowId: string,
  before: number | null,
  limit: number,
): Promise<Snapshot[]> {
  const { rows } = await store.query<SnapshotRow>(LIST_SNAPSHOTS, [workflowId, before, limit])
  return rows.map(snapshotOf)
}

export async function snapshotOfVersion(tx: Queryable, workflowId: string, version: number): Promise<Snapshot | null> {
  const { rows } = await tx.query<SnapshotRow>(FIND_OF_VERSION, [workflowId, version])
  return rows[0] === undefined ? null : snapshotOf(rows[0])
}

export async function snapshotUpTo(tx: Queryable, workflowId: string, version: number): Promise<Snapshot | null> {
  const { rows } = await tx.query<SnapshotRow>(FIND_UP_TO, [workflowId, version])
  return rows[0] === undefined ? null : snapshotOf(rows[0])
}

interface SnapshotRow {
  readonly id: string | number
  readonly workflow_id: string
  readonly version: number
  readonly state: Snapshot['state']
  readonly reason: string
  readonly created_at: Date
  readonly created_by: string | null
}

function snapshotOf(row: SnapshotRow): Snapshot {
  return {
    id: Number(row.id),
    workflowId: row.workflow_id,
    version: row.version,
    state: row.state,
    reason: row.reason,
    createdAt: row.created_at,
    createdBy: row.created_by,
  }
}
