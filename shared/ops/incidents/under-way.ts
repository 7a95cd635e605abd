import { EXECUTION_COLUMNS, type Execution, type ExecutionRow, executionOf } from '../../engine/execution.ts'
import { UNCLAIMED_MS_MAX } from '../../engine/rescue.ts'
import type { Platform } from '../../platform/platform.ts'
import type { Queryable } from '../../platform/store.ts'

const UNDER_WAY_MAX = 1_000 // as many as the configuration lets run

// The partial index of what has been let in leads there: the cost is that of the work under way, not of the table.
const LIST_UNDER_WAY = `
  select ${EXECUTION_COLUMNS}
    from data_pipeline_task_executions
   where status in ('queued', 'running') and admitted_at is not null
   order by id
   limit $1`

/** The executions that have been let in and are not over. */
export async function listUnderWay(store: Queryable): Promise<Execution[]> {
  return (await store.query<ExecutionRow>(LIST_UNDER_WAY, [UNDER_WAY_MAX])).rows.map(executionOf)
}

/** Whether a worker holds it, and has reported in time. */
export function isHeld({ status, leaseOwner, leaseExpiresAt }: Execution, now: Date): boolean {
  return status === 'running' && leaseOwner !== null && leaseExpiresAt !== null && leaseExpiresAt > now
}

/** Whether every worker that can be seen has as many steps as it takes: what waits then waits for room. */
export function isFull(underWay: readonly Execution[], { config, clock }: Pick<Platform, 'config' | 'clock'>): boolean {
  const held = [...heldByWorker(underWay, clock.now()).values()]
  return held.length > 0 && held.every(({ length }) => length >= config.HELIX_STEPS_PER_RUNNER)
}

/** What each worker holds by a lease that runs. */
export function heldByWorker(underWay: readonly Execution[], now: Date): Map<string, Execution[]> {
  const held = new Map<string, Execution[]>()
  for (const execution of underWay) {
    const { leaseOwner } = execution
    if (leaseOwner === null || !isHeld(execution, now)) continue
    held.set(leaseOwner, [...(held.get(leaseOwner) ?? []), execution])
  }
  return held
}

/** Whether it was let in, and nobody has come for it in the time that a message takes. */
export function isUnclaimed(execution: Execution, now: Date): boolean {
  const { status, availableAt, heartbeatAt, leaseExpiresAt } = execution
  if (execution.cancelRequestedAt !== null) return false
  if (status === 'queued') return now.getTime() - availableAt.getTime() >= UNCLAIMED_MS_MAX
  return status === 'running' && heartbeatAt === null && (leaseExpiresAt === null || leaseExpiresAt <= now)
}

/** Seconds between two moments, for people. */
export function secondsSince(then: Date | null, now: Date): number {
  return then === null ? 0 : Math.round((now.getTime() - then.getTime()) / 1000)
}
