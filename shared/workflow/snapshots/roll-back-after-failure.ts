import type { Platform } from '../../platform/platform.ts'
import type { Change } from '../change-workflow.ts'
import { findWorkflow, holdWorkflow } from '../workflow-store.ts'
import { type Rollback, rollBack, rootOf } from './rollback.ts'
import { type RollbackCause, workflowsChangedTo } from './rollback-store.ts'
import { snapshotOfVersion } from './snapshot-store.ts'

export type FailureCause = Exclude<RollbackCause, 'manual' | 'batch'>

/** What became of a workflow after a failure. */
export type AfterFailure =
  | { readonly kind: 'rolled-back'; readonly rollback: Rollback }
  /** It has changed since, or was that before; it has nothing before; it is built in or gone. */
  | { readonly kind: 'left'; readonly why: 'superseded' | 'restored' | 'first-version' | 'not-found' }

/** What failed, and the language of the snapshot's own words. */
type Told = Required<Pick<Change, 'reason' | 'language'>>

const WORKFLOWS_MAX = 100 // of one node that fails
const BY = 'helix'

/**
 * Undoes the change that made a version of a workflow, because what that version brought has failed. Only while it is the
 * present one, and only a change of its own: what a rollback restored is not rolled back again. A repeat finds another
 * version, and leaves it.
 */
export async function rollBackAfterFailure(
  platform: Pick<Platform, 'store' | 'clock' | 'log'>,
  workflowId: string,
  version: number,
  cause: FailureCause,
  told: Told,
): Promise<AfterFailure> {
  const change: Change = { by: BY, ...told }
  const left = (why: Extract<AfterFailure, { kind: 'left' }>['why']): AfterFailure => ({ kind: 'left', why })
  const found = await findWorkflow(platform.store, workflowId)
  if (found === null || found.builtIn) return left('not-found')
  return await platform.store.transaction(async (tx) => {
    // Held from here on: the version that is looked at is the one that is rolled back.
    const current = await holdWorkflow(tx, workflowId)
    if (current === null) return left('not-found')
    if (current.version !== version) return left('superseded')
    if (rootOf(current) !== version) return left('restored')
    const snapshot = version === 1 ? null : await snapshotOfVersion(tx, workflowId, version - 1)
    if (snapshot === null) return left('first-version')
    const rollback = await rollBack(platform, tx, workflowId, { snapshotId: snapshot.id, cause }, change)
    return { kind: 'rolled-back', rollback }
  })
}

/**
 * Undoes the changes that brought a version of a node into workflows, because it fails in a trial. A workflow that has run to
 * its end with it keeps it.
 */
export async function rollBackWorkflowsUsing(
  platform: Pick<Platform, 'store' | 'clock' | 'log'>,
  node: { readonly name: string; readonly version: string },
  cause: FailureCause,
  told: Told,
): Promise<readonly Rollback[]> {
  const found = await workflowsChangedTo(platform.store, `${node.name}@${node.version}`, WORKFLOWS_MAX)
  const rollbacks: Rollback[] = []
  for (const { workflowId, version } of found) {
    const done = await rollBackAfterFailure(platform, workflowId, version, cause, told)
    if (done.kind === 'rolled-back') rollbacks.push(done.rollback)
  }
  return rollbacks
}
