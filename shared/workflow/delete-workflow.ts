import type { Platform } from '../platform/platform.ts'
import { Problem } from '../platform/problems.ts'
import type { Queryable } from '../platform/store.ts'
import { assertUnchanged, type Change, remember } from './change-workflow.ts'
import { insertSnapshot, type Snapshot } from './snapshots/snapshot-store.ts'
import { lockWorkflow, takeOut, type Workflow } from './workflow-store.ts'

export interface Deletion {
  /** The ETag of the version that was read; whatever it is now, when it is left out. */
  readonly ifMatch?: string | undefined
  /** Also when tasks have run it: they keep their versions. */
  readonly force: boolean
}

export interface DeletedWorkflow {
  readonly workflow: Workflow
  /** What a rollback brings back. */
  readonly snapshot: Snapshot
  /** Tasks that have run it. */
  readonly tasks: number
}

// By the index on (workflow_id, created_at).
const COUNT_TASKS = `
  select count(*)::integer as tasks, count(*) filter (where status in ('pending', 'in_progress'))::integer as under_way
    from data_pipeline_tasks
   where workflow_id = $1`

const REASON = { zh: '删除之前', en: 'Before it was deleted' } as const

/**
 * Takes a workflow out of use, after a snapshot of what it was. Its versions stay for the tasks that have run them; until the
 * nightly clean-up a rollback brings it back.
 * @throws {Problem} `workflow_in_use`, `workflow_changed`, and as `lockWorkflow`
 */
export async function deleteWorkflow(
  { clock }: Pick<Platform, 'clock'>,
  tx: Queryable,
  id: string,
  { ifMatch, force }: Deletion,
  change: Change,
): Promise<DeletedWorkflow> {
  const workflow = await lockWorkflow(tx, id)
  if (ifMatch !== undefined) assertUnchanged(workflow, ifMatch)
  const { rows } = await tx.query<{ tasks: number; under_way: number }>(COUNT_TASKS, [id])
  const { tasks, under_way: underWay } = rows[0] ?? { tasks: 0, under_way: 0 }
  if (underWay > 0) {
    throw new Problem(
      'workflow_in_use',
      `Cannot delete the workflow "${id}": ${underWay} of its tasks have not ended`,
      {
        hint: 'Cancel them first, or wait for their end',
      },
    )
  }
  if (tasks > 0 && !force) {
    throw new Problem('workflow_in_use', `The workflow "${id}" has a history of ${tasks} tasks`, {
      hint: 'Delete them first, or force it: they then keep the versions that they ran',
    })
  }
  const at = clock.now()
  const reason = change.reason ?? REASON[change.language]
  const snapshot = await insertSnapshot(tx, workflow, { reason, at, by: change.by })
  await takeOut(tx, id, at)
  await remember(tx, 'workflow.deleted', { ...change, reason }, at, workflow, null)
  return { workflow, snapshot, tasks }
}
