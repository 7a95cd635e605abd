import type { Queryable } from '../platform/store.ts'
import { EXECUTION_COLUMNS, type Execution, type ExecutionRow, executionOf, findExecution } from './execution.ts'

export const LEASE_MS = 30_000 // a dead worker's execution is taken over after this long
export const HEARTBEAT_MS = 5_000 // six chances to extend a lease before it lapses
/** A worker stops touching files this long before its lease ends: clocks may be apart by as much. */
export const LEASE_MARGIN_MS = 5_000

// The guard is in the WHERE clause: of any number of racing workers, exactly one takes the row; a second copy of the
// message finds another claim number.
const CLAIM = `
  update data_pipeline_task_executions
     set status = 'running', claim = claim + 1, lease_owner = $3, lease_expires_at = $5, heartbeat_at = $4,
         log_count = 0, started_at = coalesce(started_at, $4),
         deadline_at = coalesce(deadline_at, $4 + timeout_ms * interval '1 millisecond')
   where execution_id = $1 and claim = $2 and cancel_requested_at is null
     and (
       (status = 'queued' and admitted_at is not null and available_at <= $4)
       or (status = 'running' and (lease_owner is null or lease_expires_at <= $4))
     )
  returning ${EXECUTION_COLUMNS}`

export type ClaimAnswer =
  | { readonly kind: 'claimed'; readonly execution: Execution }
  /** The message came before its time. */
  | { readonly kind: 'early'; readonly retryAfterSeconds: number }
  /** Another worker has it, or it is over: nothing to do for this message. */
  | { readonly kind: 'stale' }

/** Takes an execution for a worker, with a lease of `LEASE_MS` and a new fencing token. */
export async function claimExecution(
  store: Queryable,
  message: { executionId: string; claim: number },
  workerId: string,
  now: Date,
): Promise<ClaimAnswer> {
  const expiresAt = new Date(now.getTime() + LEASE_MS)
  const { rows } = await store.query<ExecutionRow>(CLAIM, [
    message.executionId,
    message.claim,
    workerId,
    now,
    expiresAt,
  ])
  if (rows[0] !== undefined) return { kind: 'claimed', execution: executionOf(rows[0]) }
  const found = await findExecution(store, message.executionId)
  const waits = found?.status === 'queued' && found.claim === message.claim && found.admittedAt !== null
  if (!waits || found.cancelRequestedAt !== null || found.availableAt <= now) return { kind: 'stale' }
  return { kind: 'early', retryAfterSeconds: Math.ceil((found.availableAt.getTime() - now.getTime()) / 1000) }
}

// A new start of the same installation: what its former processes held is free at once, not after the lease.
const LAPSE_LEASES = `
  update data_pipeline_task_executions
     set lease_expires_at = $3
   where status = 'running' and lease_owner like $1 and lease_owner <> $2 and lease_expires_at > $3
  returning execution_id`

/**
 * Ends the leases of former processes of the same installation.
 * Only for a caller who knows that they are gone (it holds the installation's pid file).
 */
export async function lapseFormerLeases(
  store: Queryable,
  installation: string,
  workerId: string,
  now: Date,
): Promise<number> {
  const { rowCount } = await store.query(LAPSE_LEASES, [
    `${installation.replaceAll(/[\\%_]/g, '\\$&')}:%`,
    workerId,
    now,
  ])
  return rowCount
}
