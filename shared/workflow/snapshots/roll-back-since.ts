import type { Platform } from '../../platform/platform.ts'
import { Problem } from '../../platform/problems.ts'
import type { Change } from '../change-workflow.ts'
import { type Rollback, rollBack } from './rollback.ts'
import { statesAt } from './rollback-store.ts'

const BATCH_MAX = 100 // a call ends well inside the time of a function; what is left is told by `more`

export interface BatchRollback {
  readonly rolledBack: readonly Rollback[]
  /** Workflows that stay as they are, and why. */
  readonly skipped: readonly { readonly workflowId: string; readonly reason: SkipReason }[]
  /** Whether there are more: the same call again goes on. */
  readonly more: boolean
}

/** It did not exist then; its snapshots of then have been cleaned up; somebody else changed it just now. */
export type SkipReason = 'created_since' | 'no_snapshot' | 'failed'

/** Gives every workflow that was changed since a time the state that it had then, each in a transaction of its own. */
export async function rollBackSince(
  platform: Pick<Platform, 'store' | 'clock' | 'log'>,
  since: Date,
  change: Change,
): Promise<BatchRollback> {
  const rolledBack: Rollback[] = []
  const skipped: { workflowId: string; reason: SkipReason }[] = []
  let after = ''
  for (;;) {
    const states = await statesAt(platform.store, since, after, BATCH_MAX)
    for (const { workflowId, isNewer, snapshotId } of states) {
      if (isNewer) skipped.push({ workflowId, reason: 'created_since' })
      else if (snapshotId === null) skipped.push({ workflowId, reason: 'no_snapshot' })
      else {
        const done = await oneOf(platform, workflowId, snapshotId, change)
        if (done === null) skipped.push({ workflowId, reason: 'failed' })
        else if (done.changed) rolledBack.push(done)
      }
      after = workflowId
      if (rolledBack.length === BATCH_MAX) return { rolledBack, skipped, more: true }
    }
    if (states.length < BATCH_MAX) return { rolledBack, skipped, more: false }
  }
}

/** One that fails does not keep the others from being rolled back. */
async function oneOf(
  platform: Pick<Platform, 'store' | 'clock'>,
  workflowId: string,
  snapshotId: number,
  change: Change,
): Promise<Rollback | null> {
  try {
    const request = { snapshotId, cause: 'batch' } as const
    return await platform.store.transaction((tx) => rollBack(platform, tx, workflowId, request, change))
  } catch (error) {
    if (error instanceof Problem && !error.retryable) return null
    throw error
  }
}
