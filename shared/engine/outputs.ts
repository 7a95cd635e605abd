import { jsonbText } from '../platform/jsonb-text.ts'
import type { Queryable } from '../platform/store.ts'
import { isStep, PIPELINE } from './pipeline.ts'

export type FileType = 'ddl' | 'md' | 'json' | 'jsonl' | 'log' | 'txt' | 'report'

/** A file that an execution produced. */
export interface Output {
  readonly fileName: string
  readonly fileType: FileType
  readonly size: number
  /** SHA-256 of the content, in hex; null for files that grow. */
  readonly hash: string | null
  readonly description: string
  readonly primary: boolean
}

/** The execution that wrote a file, or null for a task's own files. */
export type OutputOwner = { readonly executionId: string; readonly step: string } | null

export interface StoredOutput extends Output {
  readonly taskId: string
  readonly executionId: string | null
  readonly step: string | null
  readonly path: string
  readonly createdAt: Date
  readonly modifiedAt: Date
  readonly downloadable: boolean
}

const SAVE_OUTPUTS = `
  select helix_save_outputs($1, $2)`

const LIST_OUTPUTS = `
  select task_id, execution_id, step_name, file_type, file_name, file_path, file_size, content_hash, description,
         is_primary, is_downloadable, created_at, modified_at
    from data_pipeline_task_outputs
   where task_id = $1
   order by is_primary desc, file_name`

const DELETE_OUTPUTS = `
  delete from data_pipeline_task_outputs
   where task_id = $1 and step_name = $2
  returning file_name`

/** A row of the outputs' table, as `helix_save_outputs` takes it. */
export type OutputRecord = ReturnType<typeof outputRecord>

export function outputRecord(taskId: string, owner: OutputOwner, output: Output) {
  return {
    task_id: taskId,
    execution_id: owner?.executionId ?? null,
    step_name: owner?.step ?? null,
    file_type: output.fileType,
    file_name: output.fileName,
    file_path: `${taskId}/${output.fileName}`,
    file_size: output.size,
    content_hash: output.hash,
    description: output.description,
    is_primary: output.primary,
  }
}

export async function saveOutputs(
  tx: Queryable,
  taskId: string,
  owner: OutputOwner,
  outputs: readonly Output[],
  now: Date,
): Promise<void> {
  if (outputs.length === 0) return
  await tx.query(SAVE_OUTPUTS, [jsonbText(outputs.map((output) => outputRecord(taskId, owner, output))), now])
}

/** A task's files, the important ones first. */
export async function listOutputs(store: Queryable, taskId: string): Promise<StoredOutput[]> {
  const { rows } = await store.query<OutputRow>(LIST_OUTPUTS, [taskId])
  return rows.map(outputOf)
}

/** Forgets the files of one step; the files themselves are the worker's to remove. */
export async function forgetOutputs(tx: Queryable, taskId: string, step: string): Promise<void> {
  await tx.query(DELETE_OUTPUTS, [taskId, step])
}

/** Whether a file belongs to a step, by its name. */
export function ownsFile(step: string, fileName: string): boolean {
  return isStep(step) && PIPELINE[step].files.some((pattern) => pattern.test(fileName))
}

interface OutputRow {
  task_id: string
  execution_id: string | null
  step_name: string | null
  file_type: FileType
  file_name: string
  file_path: string
  file_size: number
  content_hash: string | null
  description: string | null
  is_primary: boolean
  is_downloadable: boolean
  created_at: Date
  modified_at: Date
}

function outputOf(row: OutputRow): StoredOutput {
  return {
    taskId: row.task_id,
    executionId: row.execution_id,
    step: row.step_name,
    fileName: row.file_name,
    fileType: row.file_type,
    path: row.file_path,
    size: Number(row.file_size),
    hash: row.content_hash,
    description: row.description ?? '',
    primary: row.is_primary,
    downloadable: row.is_downloadable,
    createdAt: row.created_at,
    modifiedAt: row.modified_at,
  }
}
