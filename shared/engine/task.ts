import { Problem } from '../platform/problems.ts'
import type { StoredSource } from '../platform/source-ref.ts'
import type { Queryable } from '../platform/store.ts'
import type { KeptTrace } from '../platform/trace.ts'
import { type PlannedWorkflow, stepNames } from './planned-workflow.ts'
import type { StepStatuses, TaskStatus } from './transitions.ts'

/** One run of a workflow, as its row says. */
export interface Task {
  readonly id: string
  readonly taskType: string
  readonly status: TaskStatus
  readonly parameters: TaskParameters
  readonly result: Record<string, unknown> | null
  readonly errorMessage: string | null
  readonly errorCode: string | null
  readonly stepStatus: StepStatuses
  readonly outputDirectory: string
  readonly createdAt: Date
  readonly startedAt: Date | null
  readonly completedAt: Date | null
  readonly createdBy: string | null
  readonly dbName: string
  readonly businessContext: string | null
  readonly priority: number
  readonly concurrencyKey: string
  readonly progress: number
}

/** What a task was asked to do. Nothing here is secret in clear: an inline connection is sealed. */
export interface TaskParameters {
  readonly db_name: string
  readonly business_context?: string | undefined
  readonly table_list_file?: string | undefined
  /** Relations to read, as people name them; all readable ones when absent. */
  readonly table_list?: readonly string[] | undefined
  readonly enable_sql_validation: boolean
  readonly enable_llm_repair: boolean
  readonly modify_original_file: boolean
  readonly enable_training_data_load: boolean
  readonly step_timeout_minutes?: number | undefined
  readonly language: 'zh' | 'en' | 'auto'
  readonly source: StoredSource
  /** What is run instead of the pipeline. */
  readonly workflow?: PlannedWorkflow | undefined
  /** Of the request that last started work on it: for logs, not for its owner. */
  readonly trace?: KeptTrace | undefined
}

export const TASK_COLUMNS = `id, task_type, status, parameters, result, error_message, error_code, step_status, output_directory,
         created_at, started_at, completed_at, created_by, db_name, business_context, priority, concurrency_key, progress`

const FIND_TASK = `
  select ${TASK_COLUMNS}
    from data_pipeline_tasks
   where id = $1`

// A task's row is the lock of all that belongs to it: whoever changes two of its rows takes this first.
const LOCK_TASK = `${FIND_TASK}
     for update`

export async function findTask(store: Queryable, taskId: string): Promise<Task | null> {
  const { rows } = await store.query<TaskRow>(FIND_TASK, [taskId])
  return rows[0] === undefined ? null : taskOf(rows[0])
}

const FIND_TASKS = `
  select ${TASK_COLUMNS}
    from data_pipeline_tasks
   where id = any($1)`

/** Tasks by id; those that there are. */
export async function findTasks(store: Queryable, taskIds: readonly string[]): Promise<Map<string, Task>> {
  if (taskIds.length === 0) return new Map()
  const { rows } = await store.query<TaskRow>(FIND_TASKS, [taskIds])
  return new Map(rows.map((row) => [row.id, taskOf(row)]))
}

/** @throws {Problem} `task_not_found` */
export async function requireTask(store: Queryable, taskId: string): Promise<Task> {
  const task = await findTask(store, taskId)
  if (task === null)
    throw new Problem('task_not_found', `Cannot find task "${taskId}"`, { hint: 'List tasks with `helix tasks`' })
  return task
}

export async function lockTask(tx: Queryable, taskId: string): Promise<Task | null> {
  const { rows } = await tx.query<TaskRow>(LOCK_TASK, [taskId])
  return rows[0] === undefined ? null : taskOf(rows[0])
}

export interface TaskRow {
  id: string
  task_type: string
  status: TaskStatus
  parameters: TaskParameters
  result: Record<string, unknown> | null
  error_message: string | null
  error_code: string | null
  step_status: StepStatuses
  output_directory: string
  created_at: Date
  started_at: Date | null
  completed_at: Date | null
  created_by: string | null
  db_name: string
  business_context: string | null
  priority: number
  concurrency_key: string
  progress: number
}

export function taskOf(row: TaskRow): Task {
  return {
    id: row.id,
    taskType: row.task_type,
    status: row.status,
    parameters: row.parameters,
    result: row.result,
    errorMessage: row.error_message,
    errorCode: row.error_code,
    // jsonb keeps no order; people read the steps in theirs.
    stepStatus: Object.fromEntries(
      stepNames(row.parameters.workflow).map((name) => [name, row.step_status[name] ?? 'pending']),
    ),
    outputDirectory: row.output_directory,
    createdAt: row.created_at,
    startedAt: row.started_at,
    completedAt: row.completed_at,
    createdBy: row.created_by,
    dbName: row.db_name,
    businessContext: row.business_context,
    priority: row.priority,
    concurrencyKey: row.concurrency_key,
    progress: row.progress,
  }
}
