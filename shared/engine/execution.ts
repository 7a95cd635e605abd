import type { Queryable } from '../platform/store.ts'
import type { ExecutionStatus } from './transitions.ts'

/** One node of one task being executed; retries are attempts of the same execution. */
export interface Execution {
  readonly executionId: string
  readonly taskId: string
  /** The step of the pipeline, or the node of a workflow. */
  readonly step: string
  /** Where the step does not tell which function works it. */
  readonly functionName: string | null
  readonly status: ExecutionStatus
  readonly runId: string
  readonly remainingSteps: readonly string[]
  /** Tries that ended in a failure. */
  readonly attempt: number
  readonly maxAttempts: number
  /** The fencing token: rises each time a worker takes the execution. */
  readonly claim: number
  readonly priority: number
  readonly concurrencyKey: string
  readonly createdAt: Date
  readonly availableAt: Date
  readonly admittedAt: Date | null
  readonly startedAt: Date | null
  readonly completedAt: Date | null
  readonly leaseOwner: string | null
  readonly leaseExpiresAt: Date | null
  readonly heartbeatAt: Date | null
  readonly cancelRequestedAt: Date | null
  readonly deadlineAt: Date | null
  readonly timeoutMs: number
  readonly progress: number
  readonly forceExecuted: boolean
  readonly filesCleaned: boolean
  readonly cleanPrevious: boolean
  readonly result: Record<string, unknown> | null
  readonly errorMessage: string | null
  readonly errorCode: string | null
}

export const EXECUTION_COLUMNS = `execution_id, task_id, execution_step, function_name, status, run_id, remaining_steps, attempt, max_attempts, claim,
         priority, concurrency_key, created_at, available_at, admitted_at, started_at, completed_at, lease_owner, lease_expires_at, heartbeat_at,
         cancel_requested_at, deadline_at, timeout_ms, progress, force_executed, files_cleaned, clean_previous, execution_result,
         error_message, error_code`

const FIND_EXECUTION = `
  select ${EXECUTION_COLUMNS}
    from data_pipeline_task_executions
   where execution_id = $1`

// By the partial unique index of active executions; of the pipeline it has at most one row.
const LIST_ACTIVE = `
  select ${EXECUTION_COLUMNS}
    from data_pipeline_task_executions
   where task_id = $1 and status in ('queued', 'running')
   order by id`

const LIST_EXECUTIONS = `
  select ${EXECUTION_COLUMNS}
    from data_pipeline_task_executions
   where task_id = $1
   order by created_at, id`

export async function findExecution(store: Queryable, executionId: string): Promise<Execution | null> {
  const { rows } = await store.query<ExecutionRow>(FIND_EXECUTION, [executionId])
  return rows[0] === undefined ? null : executionOf(rows[0])
}

/** The executions that occupy a task: one at most of the pipeline, and one of each node of a workflow. */
export async function listActiveExecutions(store: Queryable, taskId: string): Promise<Execution[]> {
  const { rows } = await store.query<ExecutionRow>(LIST_ACTIVE, [taskId])
  return rows.map(executionOf)
}

/** The first of those, if any. */
export async function findActiveExecution(store: Queryable, taskId: string): Promise<Execution | null> {
  return (await listActiveExecutions(store, taskId))[0] ?? null
}

/** A task's executions, oldest first. */
export async function listExecutions(store: Queryable, taskId: string): Promise<Execution[]> {
  const { rows } = await store.query<ExecutionRow>(LIST_EXECUTIONS, [taskId])
  return rows.map(executionOf)
}

export interface ExecutionRow {
  execution_id: string
  task_id: string
  execution_step: string
  function_name: string | null
  status: ExecutionStatus
  run_id: string
  remaining_steps: string[]
  attempt: number
  max_attempts: number
  claim: number
  priority: number
  concurrency_key: string
  created_at: Date
  available_at: Date
  admitted_at: Date | null
  started_at: Date | null
  completed_at: Date | null
  lease_owner: string | null
  lease_expires_at: Date | null
  heartbeat_at: Date | null
  cancel_requested_at: Date | null
  deadline_at: Date | null
  timeout_ms: number
  progress: number
  force_executed: boolean
  files_cleaned: boolean
  clean_previous: boolean
  execution_result: Record<string, unknown> | null
  error_message: string | null
  error_code: string | null
}

export function executionOf(row: ExecutionRow): Execution {
  return {
    executionId: row.execution_id,
    taskId: row.task_id,
    step: row.execution_step,
    functionName: row.function_name,
    status: row.status,
    runId: row.run_id,
    remainingSteps: row.remaining_steps,
    attempt: row.attempt,
    maxAttempts: row.max_attempts,
    claim: row.claim,
    priority: row.priority,
    concurrencyKey: row.concurrency_key,
    createdAt: row.created_at,
    availableAt: row.available_at,
    admittedAt: row.admitted_at,
    startedAt: row.started_at,
    completedAt: row.completed_at,
    leaseOwner: row.lease_owner,
    leaseExpiresAt: row.lease_expires_at,
    heartbeatAt: row.heartbeat_at,
    cancelRequestedAt: row.cancel_requested_at,
    deadlineAt: row.deadline_at,
    timeoutMs: Number(row.timeout_ms),
    progress: row.progress,
    forceExecuted: row.force_executed,
    filesCleaned: row.files_cleaned,
    cleanPrevious: row.clean_previous,
    result: row.execution_result,
    errorMessage: row.error_message,
    errorCode: row.error_code,
  }
}
