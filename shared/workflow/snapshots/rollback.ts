import type { Platform } from '../../platform/platform.ts'
import { type Language, Problem } from '../../platform/problems.ts'
import type { Queryable } from '../../platform/store.ts'
import { assertUnchanged, type Change, remember } from '../change-workflow.ts'
import { readKnownNodes } from '../graph/known-nodes.ts'
import { dependenciesOf, placesOf } from '../graph/places.ts'
import {
  addVersion,
  loadWorkflow,
  lockWorkflow,
  stateHash,
  type Workflow,
  type WorkflowState,
} from '../workflow-store.ts'
import { type CleanedWorkflow, removeInvalidNodes } from './remove-invalid-nodes.ts'
import { insertRollback, type RollbackCause, type RollbackChecks } from './rollback-store.ts'
import {
  insertSnapshot,
  listSnapshots,
  readSnapshot,
  type Snapshot,
  snapshotOfVersion,
  snapshotUpTo,
} from './snapshot-store.ts'

export interface Rollback {
  readonly workflow: Workflow
  readonly snapshotId: number
  readonly fromVersion: number
  /** The version whose state is there again. */
  readonly restoredVersion: number
  /** False where the state was that of the snapshot already. */
  readonly changed: boolean
  readonly cause: RollbackCause
  readonly reason: string
  readonly checks: RollbackChecks
  readonly removedNodes: CleanedWorkflow['removedNodes']
}

export interface RollbackRequest {
  /** The state before the last change, when none is given. */
  readonly snapshotId?: number | undefined
  readonly cause: RollbackCause
  /** Takes out the nodes that no longer can run; otherwise the state is that of the snapshot exactly. */
  readonly removeInvalidNodes?: boolean | undefined
  readonly ifMatch?: string | undefined
}

/**
 * Gives a workflow the state of a snapshot again, as a new version, after a snapshot of what it is now. Without a named one
 * each rollback undoes one more change; of a deleted workflow, the deletion.
 * @throws {Problem} `snapshot_not_found`, `nothing_to_roll_back`, and as `lockWorkflow` and `assertUnchanged`
 */
export async function rollBack(
  { clock }: Pick<Platform, 'clock'>,
  tx: Queryable,
  id: string,
  request: RollbackRequest,
  change: Change,
): Promise<Rollback> {
  const current = await lockWorkflow(tx, id, { evenDeleted: true })
  if (request.ifMatch !== undefined) assertUnchanged(current, request.ifMatch)
  const snapshot = await wantedSnapshot(tx, current, request.snapshotId)
  const words = WORDS[change.language]
  const reason = change.reason ?? words.reason(snapshot)
  const { state, removedNodes } = await stateOf(tx, snapshot, request.removeInvalidNodes === true)
  const at = clock.now()
  const changed = current.deleted || stateHash(state) !== current.contentHash
  if (changed) {
    // The deletion has taken one already.
    if (!current.deleted) await insertSnapshot(tx, current, { reason: words.before(snapshot), at, by: change.by })
    const restored = await loadWorkflow(tx, id, snapshot.version)
    await addVersion(tx, current, { ...state, at, by: change.by, restores: rootOf(restored) })
  }
  const workflow = await loadWorkflow(tx, id)
  const checks = await insertRollback(tx, {
    workflowId: id,
    snapshotId: snapshot.id,
    fromVersion: current.version,
    toVersion: workflow.version,
    cause: request.cause,
    reason,
    checks: {
      snapshot_exists: true,
      state_restored: isRestored(workflow, state),
      edges_clean: hasCleanEdges(workflow),
    },
    at,
    by: change.by,
  })
  if (changed) await remember(tx, 'workflow.rolled_back', { ...change, reason }, at, current, workflow)
  const { cause } = request
  const told = { snapshotId: snapshot.id, fromVersion: current.version, restoredVersion: snapshot.version }
  return { workflow, ...told, changed, cause, reason, checks, removedNodes }
}

/** The version whose state a workflow has: what it repeats, if a rollback made it. */
export function rootOf({ version, restores }: Pick<Workflow, 'version' | 'restores'>): number {
  return restores ?? version
}

async function wantedSnapshot(tx: Queryable, current: Workflow, id: number | undefined): Promise<Snapshot> {
  if (id !== undefined) return await readSnapshot(tx, current.id, id)
  if (current.deleted) {
    const [taken] = await listSnapshots(tx, current.id, null, 1)
    if (taken !== undefined) return taken
  }
  const root = rootOf(current)
  // Each change had one taken just before; it may have been cleaned up since.
  const snapshot = (await snapshotOfVersion(tx, current.id, root - 1)) ?? (await snapshotUpTo(tx, current.id, root))
  if (snapshot !== null) return snapshot
  throw new Problem('nothing_to_roll_back', `The workflow "${current.id}" has no snapshot to go back to`, {
    hint: 'One is taken before each change; an own one by POST …/snapshots',
  })
}

async function stateOf(tx: Queryable, { state }: Snapshot, clean: boolean) {
  const kept: WorkflowState = { definition: state.definition, frozen: state.frozen }
  if (!clean) return { state: kept, removedNodes: [] }
  const { definition, removedNodes } = removeInvalidNodes(kept.definition, await readKnownNodes(tx, kept.definition))
  const used = new Set(definition.nodes.map(({ node, version }) => `${node}@${version}`))
  const frozen = Object.fromEntries(Object.entries(kept.frozen).filter(([name]) => used.has(name)))
  return { state: { definition, frozen }, removedNodes }
}

/** As the seed's operators check it: the nodes and the edges are as many, and the content is the same. */
function isRestored(workflow: Workflow, { definition, frozen }: WorkflowState): boolean {
  const counts = (of: WorkflowState['definition']) => [of.nodes.length, dependenciesOf(of, placesOf(of)).length]
  const [nodes, edges] = counts(definition)
  const [nodesNow, edgesNow] = counts(workflow.definition)
  return nodes === nodesNow && edges === edgesNow && stateHash(workflow) === stateHash({ definition, frozen })
}

function hasCleanEdges({ definition }: Workflow): boolean {
  const names = new Set(definition.nodes.map(({ name }) => name))
  const dependencies = dependenciesOf(definition, placesOf(definition))
  return dependencies.every(({ source, target }) => names.has(source) && names.has(target))
}

const WORDS: Readonly<Record<Language, { reason(to: Snapshot): string; before(to: Snapshot): string }>> = {
  zh: {
    reason: ({ id, version }) => `回滚到快照 ${id}（版本 ${version}）`,
    before: ({ id, version }) => `回滚到快照 ${id}（版本 ${version}）之前`,
  },
  en: {
    reason: ({ id, version }) => `Rolled back to snapshot ${id} (version ${version})`,
    before: ({ id, version }) => `Before the rollback to snapshot ${id} (version ${version})`,
  },
}
