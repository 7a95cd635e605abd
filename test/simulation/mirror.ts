import { type RowNotice, WATCHED, type WatchedTable } from './watched-tables.ts'

export type Status = 'queued' | 'running' | 'completed' | 'failed' | 'cancelled'

export interface ExecutionState {
  readonly id: number
  readonly task_id: string
  readonly execution_id: string
  readonly execution_step: string
  readonly status: Status
  readonly run_id: string
  readonly attempt: number
  readonly max_attempts: number
  readonly claim: number
  readonly created_at: string
  readonly available_at: string
  readonly admitted_at: string | null
  readonly completed_at: string | null
  readonly lease_owner: string | null
  readonly lease_expires_at: string | null
  readonly heartbeat_at: string | null
  readonly cancel_requested_at: string | null
  readonly clean_previous: boolean
  readonly execution_result: { readonly total?: number; readonly claim?: number; readonly skipped?: boolean } | null
  readonly error_code: string | null
  /** Of the step that is done, 0 to 1. */
  readonly progress: number
  readonly remaining_steps: readonly string[]
  readonly force_executed: boolean
  readonly timeout_ms: number
}

export interface TaskState {
  readonly id: string
  readonly workflow_id: string
  readonly status: 'pending' | 'in_progress' | 'partial_completed' | 'completed' | 'failed' | 'cancelled'
  readonly step_status: Readonly<Record<string, string>>
  readonly progress: number
  readonly priority: number
  readonly concurrency_key: string
  readonly idempotency_key: string | null
  readonly event_seq: number
  readonly completed_at: string | null
}

export interface OutputState {
  readonly task_id: string
  readonly execution_id: string | null
  readonly step_name: string | null
  readonly file_name: string
  readonly content_hash: string | null
  readonly file_size: number
}

export interface CheckpointState {
  readonly task_id: string
  readonly step: string
  readonly item: string
  readonly execution_id: string
  readonly claim: number
}

export interface LeadState {
  readonly name: string
  readonly owner: string
  readonly epoch: number
  readonly expires_at: string
}

export interface Rows {
  data_pipeline_tasks: TaskState
  data_pipeline_task_executions: ExecutionState
  data_pipeline_task_logs: { readonly id: number; readonly execution_id: string | null; readonly message: string }
  data_pipeline_task_outputs: OutputState
  task_checkpoints: CheckpointState
  task_events: {
    readonly task_id: string
    readonly seq: number
    readonly type: string
    readonly created_at: string
    readonly data: { readonly status: string; readonly progress: number; readonly step_status: Record<string, string> }
  }
  idempotency_keys: { readonly key: string; readonly status: number }
  leases: LeadState
}

/** One row before and after; null where it was not there. */
export interface Change<T> {
  readonly before: T | null
  readonly after: T | null
  readonly locked: boolean
}

type Tables = { readonly [Table in WatchedTable]: Map<string, Rows[Table]> }

/** The committed rows, as triggers have told them. */
export class Mirror {
  readonly tables: Tables = {
    data_pipeline_tasks: new Map(),
    data_pipeline_task_executions: new Map(),
    data_pipeline_task_logs: new Map(),
    data_pipeline_task_outputs: new Map(),
    task_checkpoints: new Map(),
    task_events: new Map(),
    idempotency_keys: new Map(),
    leases: new Map(),
  }

  get tasks() {
    return this.tables.data_pipeline_tasks
  }

  get executions() {
    return this.tables.data_pipeline_task_executions
  }

  get checkpoints() {
    return this.tables.task_checkpoints
  }

  get outputs() {
    return this.tables.data_pipeline_task_outputs
  }

  /** Items of a step of a task that have a checkpoint. */
  saved(taskId: string, step: string): string[] {
    const prefix = `${taskId}/${step}/`
    return [...this.checkpoints.keys()].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length))
  }

  active(taskId: string): ExecutionState | null {
    for (const execution of this.executions.values()) {
      if (execution.task_id === taskId && isActive(execution)) return execution
    }
    return null
  }

  apply({ table, op, row, locked }: RowNotice): Change<Rows[WatchedTable]> {
    const rows = this.tables[table] as Map<string, Rows[WatchedTable]>
    const key = WATCHED[table].key.map((column) => String(row[column])).join('/')
    const before = rows.get(key) ?? null
    const after = op === 'DELETE' ? null : (row as unknown as Rows[WatchedTable])
    if (after === null) rows.delete(key)
    else rows.set(key, after)
    return { before, after, locked: locked === true }
  }
}

export function isActive({ status }: { readonly status: Status }): boolean {
  return status === 'queued' || status === 'running'
}

export function timeOf(text: string | null): number {
  return text === null ? Number.NEGATIVE_INFINITY : Date.parse(text)
}
