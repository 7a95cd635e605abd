import * as z from 'zod'
import { localTime } from '../platform/clock.ts'
import type { Finding } from './definition/definition.ts'
import { FindingView } from './node-view.ts'
import type { Rollback } from './snapshots/rollback.ts'
import type { Snapshot } from './snapshots/snapshot-store.ts'
import { etagOf, type Workflow } from './workflow-store.ts'

export const WorkflowSummaryView = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  version: z.number().int(),
  etag: z.string().meta({ description: 'What If-Match of a change is compared with' }),
  built_in: z.boolean(),
  nodes: z.number().int(),
  created_at: z.string().nullable(),
  updated_at: z.string().nullable(),
  created_by: z.string().nullable(),
})

export const WorkflowView = WorkflowSummaryView.extend({
  definition: z.record(z.string(), z.unknown()),
  content_hash: z.string(),
  frozen_nodes: z.array(z.object({ name: z.string(), version: z.string(), content_hash: z.string() })),
  restores: z.number().int().nullable().meta({ description: 'The version whose state a rollback gave it' }),
  warnings: z.array(FindingView),
})

export const SnapshotView = z.object({
  id: z.number().int(),
  workflow_id: z.string(),
  version: z.number().int(),
  reason: z.string(),
  nodes: z.number().int(),
  content_hash: z.string(),
  created_at: z.string(),
  created_by: z.string().nullable(),
})

export const RollbackView = z.object({
  workflow_id: z.string(),
  snapshot_id: z.number().int(),
  from_version: z.number().int(),
  to_version: z.number().int(),
  restored_version: z.number().int(),
  changed: z.boolean(),
  cause: z.string(),
  reason: z.string(),
  checks: z.object({
    snapshot_exists: z.boolean(),
    state_restored: z.boolean(),
    edges_clean: z.boolean(),
    recorded: z.boolean(),
  }),
  removed_nodes: z.array(z.object({ name: z.string(), reason: z.string() })),
})

export function workflowSummaryView(workflow: Workflow, timeZone: string): z.infer<typeof WorkflowSummaryView> {
  const { id, version, definition, builtIn, createdAt, updatedAt, createdBy } = workflow
  return {
    id,
    name: definition.name ?? id,
    description: definition.description ?? null,
    version,
    etag: etagOf(workflow),
    built_in: builtIn,
    nodes: definition.nodes.length,
    created_at: builtIn ? null : localTime(createdAt, timeZone),
    updated_at: builtIn ? null : localTime(updatedAt, timeZone),
    created_by: createdBy,
  }
}

export function workflowView(
  workflow: Workflow,
  timeZone: string,
  warnings: readonly Finding[] = [],
): z.infer<typeof WorkflowView> {
  const { definition, contentHash, frozen, restores } = workflow
  return {
    ...workflowSummaryView(workflow, timeZone),
    definition: { ...definition },
    content_hash: contentHash,
    frozen_nodes: Object.entries(frozen).map(([named, hash]) => {
      const [name = '', version = ''] = named.split('@')
      return { name, version, content_hash: hash }
    }),
    restores,
    warnings: [...warnings],
  }
}

export function snapshotView(snapshot: Snapshot, timeZone: string): z.infer<typeof SnapshotView> {
  const { id, workflowId, version, reason, state, createdAt, createdBy } = snapshot
  return {
    id,
    workflow_id: workflowId,
    version,
    reason,
    nodes: state.definition.nodes.length,
    content_hash: state.contentHash,
    created_at: localTime(createdAt, timeZone),
    created_by: createdBy,
  }
}

export function rollbackView(rollback: Rollback): z.infer<typeof RollbackView> {
  const { workflow, snapshotId, fromVersion, restoredVersion, changed, cause, reason, checks, removedNodes } = rollback
  return {
    workflow_id: workflow.id,
    snapshot_id: snapshotId,
    from_version: fromVersion,
    to_version: workflow.version,
    restored_version: restoredVersion,
    changed,
    cause,
    reason,
    checks,
    removed_nodes: [...removedNodes],
  }
}
