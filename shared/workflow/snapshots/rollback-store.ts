import type { Queryable } from '../../platform/store.ts'

/** Why a workflow was rolled back. */
export type RollbackCause = 'manual' | 'batch' | 'trial_failed' | 'run_failed'

/** The four checks of a rollback. */
export interface RollbackChecks {
  /** There was a snapshot to go back to. */
  readonly snapshot_exists: boolean
  /** Nodes, edges and content are those of the snapshot. */
  readonly state_restored: boolean
  /** No edge leads from or to a node that is not there. */
  readonly edges_clean: boolean
  /** It is counted among the rollbacks. */
  readonly recorded: boolean
}

export interface NewRollback {
  readonly workflowId: string
  readonly snapshotId: number
  readonly fromVersion: number
  readonly toVersion: number
  readonly cause: RollbackCause
  readonly reason: string
  readonly checks: Omit<RollbackChecks, 'recorded'>
  readonly at: Date
  readonly by: string
}

const INSERT_ROLLBACK = `
  insert into workflow_rollbacks
    (workflow_id, snapshot_id, from_version, to_version, cause, reason, checks, created_at, created_by)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
  returning checks`

/** Counts a rollback. @returns its four checks, as they were written */
export async function insertRollback(tx: Queryable, given: NewRollback): Promise<RollbackChecks> {
  const { workflowId, snapshotId, fromVersion, toVersion, cause, reason, checks, at, by } = given
  const all = JSON.stringify({ ...checks, recorded: true })
  const values = [workflowId, snapshotId, fromVersion, toVersion, cause, reason, all, at, by]
  const { rows } = await tx.query<{ checks: RollbackChecks }>(INSERT_ROLLBACK, values)
  return rows[0]?.checks ?? { ...checks, recorded: false }
}

// The oldest snapshot since then of a version from before: what each workflow was at that time. One that was made and
// deleted since is where it was: nowhere.
const FIND_STATES_AT = `
  select w.id as workflow_id, w.created_at > $1 as is_newer, s.id as snapshot_id
    from workflows w
    join workflow_versions now on now.workflow_id = w.id and now.version = w.current_version
    left join lateral (
      select v.version, v.content_hash
        from workflow_versions v
       where v.workflow_id = w.id and v.created_at <= $1
       order by v.version desc
       limit 1) past on true
    left join lateral (
      select s.id
        from workflow_snapshots s
       where s.workflow_id = w.id and s.version = past.version
       order by s.id
       limit 1) s on true
   where w.updated_at > $1 and w.id > $2
     and case when w.enabled then past.content_hash is distinct from now.content_hash else w.created_at <= $1 end
   order by w.id
   limit $3`

export interface PastState {
  readonly workflowId: string
  /** It was made since then. */
  readonly isNewer: boolean
  readonly snapshotId: number | null
}

/** The workflows that were changed since a time, each with a snapshot of what it was then. */
export async function statesAt(store: Queryable, since: Date, after: string, limit: number): Promise<PastState[]> {
  const { rows } = await store.query<{ workflow_id: string; is_newer: boolean; snapshot_id: string | null }>(
    FIND_STATES_AT,
    [since, after, limit],
  )
  return rows.map((row) => ({
    workflowId: row.workflow_id,
    isNewer: row.is_newer,
    snapshotId: row.snapshot_id === null ? null : Number(row.snapshot_id),
  }))
}

// The workflows whose present version brought in a version of a node, and has not proven itself since.
const FIND_CHANGED_TO = `
  select w.id as workflow_id, w.current_version as version
    from workflows w
    join workflow_versions now on now.workflow_id = w.id and now.version = w.current_version
    left join workflow_versions before on before.workflow_id = w.id and before.version = w.current_version - 1
   where w.enabled and now.frozen ? $1 and not coalesce(before.frozen, '{}'::jsonb) ? $1
     and not exists (
       select
         from data_pipeline_tasks t
        where t.workflow_id = w.id and t.workflow_version = w.current_version and t.status = 'completed')
   order by w.id
   limit $2`

/** Those whose present version has never run to its end. @param node as `name@version` */
export async function workflowsChangedTo(store: Queryable, node: string, limit: number) {
  const { rows } = await store.query<{ workflow_id: string; version: number }>(FIND_CHANGED_TO, [node, limit])
  return rows.map(({ workflow_id, version }) => ({ workflowId: workflow_id, version }))
}
