import { EXECUTION_COLUMNS, type Execution, type ExecutionRow, executionOf } from '../../engine/execution.ts'
import { findTasks, type Task } from '../../engine/task.ts'
import type { Queryable } from '../../platform/store.ts'
import type { Moment } from '../zombies/abandoned.ts'

/** A row among the outputs, as much of it as matters here. */
export interface OutputFact {
  readonly id: number
  readonly fileName: string
  readonly step: string | null
  readonly executionId: string | null
  readonly size: number
  /** Null of a file that grows. */
  readonly hash: string | null
}

/** A file in a task's folder, as it lies there. */
export interface FileFact {
  readonly name: string
  readonly size: number
  readonly etag: string
  /** Null where nobody needed it, or where it was too much for this scan. */
  readonly hash: string | null
}

/** Everything that the checks read of one task. They are functions of this alone. */
export interface Picture extends Moment {
  readonly taskId: string
  /** Null of a folder whose task is gone. */
  readonly task: Task | null
  /** Oldest first. */
  readonly executions: readonly Execution[]
  readonly outputs: readonly OutputFact[]
  /** By name; null where the folder was not looked at. */
  readonly files: ReadonlyMap<string, FileFact> | null
}

const LIST_EXECUTIONS = `
  select ${EXECUTION_COLUMNS}
    from data_pipeline_task_executions
   where task_id = any($1)
   order by task_id, id`

const LIST_OUTPUTS = `
  select task_id, id, file_name, step_name, execution_id, file_size, content_hash
    from data_pipeline_task_outputs
   where task_id = any($1)
   order by task_id, file_name`

export type TaskRows = Omit<Picture, 'files' | keyof Moment>

/** What the store says of tasks, in the order of their ids as given; also of those that it does not know. */
export async function readRows(store: Queryable, taskIds: readonly string[]): Promise<TaskRows[]> {
  if (taskIds.length === 0) return []
  // One after the other: inside a transaction there is one connection.
  const tasks = await findTasks(store, taskIds)
  const { rows: executionRows } = await store.query<ExecutionRow>(LIST_EXECUTIONS, [taskIds])
  const executions = byTask(executionRows)
  const { rows: outputRows } = await store.query<OutputRow>(LIST_OUTPUTS, [taskIds])
  const outputs = byTask(outputRows)
  return taskIds.map((taskId) => ({
    taskId,
    task: tasks.get(taskId) ?? null,
    executions: (executions.get(taskId) ?? []).map(executionOf),
    outputs: (outputs.get(taskId) ?? []).map(outputOf),
  }))
}

function byTask<Row extends { task_id: string }>(rows: readonly Row[]): Map<string, Row[]> {
  const found = new Map<string, Row[]>()
  for (const row of rows) {
    const known = found.get(row.task_id)
    if (known === undefined) found.set(row.task_id, [row])
    else known.push(row)
  }
  return found
}

interface OutputRow {
  task_id: string
  id: number
  file_name: string
  step_name: string | null
  execution_id: string | null
  file_size: number
  content_hash: string | null
}

function outputOf(row: OutputRow): OutputFact {
  return {
    id: row.id,
    fileName: row.file_name,
    step: row.step_name,
    executionId: row.execution_id,
    size: Number(row.file_size),
    hash: row.content_hash,
  }
}

/** What is under way: nothing that such an execution may be writing right now is judged. */
export function activeOf({ executions }: Pick<Picture, 'executions'>): Execution[] {
  return executions.filter(({ status }) => status === 'queued' || status === 'running')
}

/** The execution that stands for a step: the latest. What older ones wrote is its, or was replaced by it. */
export function latestOf({ executions }: Pick<Picture, 'executions'>, step: string): Execution | undefined {
  return executions.findLast((execution) => execution.step === step)
}

/** The latest execution of each step. */
export function latestExecutions(picture: Pick<Picture, 'executions'>): Execution[] {
  return picture.executions.filter((execution) => latestOf(picture, execution.step) === execution)
}
