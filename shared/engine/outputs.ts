import type { Queryable } from '../platform/store.ts'
import { PIPELINE, type StepName } from './pipeline.ts'

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

export interface StoredOutput extends Output {
  readonly taskId: string
  readonly executionId: string | null
  readonly step: StepName | null
  readonly path: string
  readonly createdAt: Date
  readonly modifiedAt: Date
  readonly downloadable: boolean
}

/** Shared by every statement that writes outputs: the columns of `jsonb_to_recordset`. */
export const OUTPUT_RECORD = `(file_type text, file_name text, file_path text, file_size bigint, content_hash text, description text, is_primary boolean)`

// A later step may change a file (validation changes the pairs); it stays its first step's own.
export const UPSERT_OUTPUT_TAIL = `
    on conflict (task_id, file_name) do update
       set execution_id = case when data_pipeline_task_outputs.step_name = excluded.step_name
                               then excluded.execution_id else data_pipeline_task_outputs.execution_id end,
           file_type = excluded.file_type,
           file_size = excluded.file_size, content_hash = excluded.content_hash, description = excluded.description,
           is_primary = excluded.is_primary, modified_at = excluded.modified_at`

const SAVE_OUTPUTS = `
  insert into data_pipeline_task_outputs
         (task_id, execution_id, step_name, file_type, file_name, file_path, file_size, content_hash, description,
          is_primary, created_at, modified_at)
  select $1, $2, $3, o.file_type, o.file_name, o.file_path, o.file_size, o.content_hash, o.description, o.is_primary, $5, $5
    from jsonb_to_recordset($4::jsonb) as o ${OUTPUT_RECORD}
   ${UPSERT_OUTPUT_TAIL}`

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

/** As the statements above take outputs. */
export function outputRecords(taskId: string, outputs: readonly Output[]): string {
  return JSON.stringify(
    outputs.map((output) => ({
      file_type: output.fileType,
      file_name: output.fileName,
      file_path: `${taskId}/${output.fileName}`,
      file_size: output.size,
      content_hash: output.hash,
      description: output.description,
      is_primary: output.primary,
    })),
  )
}

/** @param owner the execution that wrote them, or null for the task's own files */
export async function saveOutputs(
  tx: Queryable,
  taskId: string,
  owner: { executionId: string; step: StepName } | null,
  outputs: readonly Output[],
  now: Date,
): Promise<void> {
  if (outputs.length === 0) return
  const records = outputRecords(taskId, outputs)
  await tx.query(SAVE_OUTPUTS, [taskId, owner?.executionId ?? null, owner?.step ?? null, records, now])
}

export async function listOutputs(store: Queryable, taskId: string): Promise<StoredOutput[]> {
  const { rows } = await store.query<OutputRow>(LIST_OUTPUTS, [taskId])
  return rows.map(outputOf)
}

/** Forgets the files of one step; the files themselves are the worker's to remove. */
export async function forgetOutputs(tx: Queryable, taskId: string, step: StepName): Promise<void> {
  await tx.query(DELETE_OUTPUTS, [taskId, step])
}

/** Whether a file belongs to a step, by its name. */
export function ownsFile(step: StepName, fileName: string): boolean {
  return PIPELINE[step].files.some((pattern) => pattern.test(fileName))
}

interface OutputRow {
  task_id: string
  execution_id: string | null
  step_name: StepName | null
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
