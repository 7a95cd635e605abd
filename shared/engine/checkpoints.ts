import type { Queryable } from '../platform/store.ts'
import { OUTPUT_RECORD, type Output, outputRecords, UPSERT_OUTPUT_TAIL } from './outputs.ts'
import type { StepName } from './pipeline.ts'

/** Who writes: an execution under its fencing token. */
export interface Holder {
  readonly taskId: string
  readonly executionId: string
  readonly step: StepName
  readonly claim: number
}

export type CheckpointAnswer = 'saved' | 'cancel-requested' | 'lost'

const LOAD_CHECKPOINTS = `
  select item, value
    from task_checkpoints
   where task_id = $1 and step = $2`

// Item and files in one statement, and only while the claim is held: a repeat finds its item and changes nothing.
const SAVE_CHECKPOINT = `
  with held as (
    select task_id, execution_id, execution_step, claim, cancel_requested_at
      from data_pipeline_task_executions
     where execution_id = $1 and claim = $2 and status = 'running'
       for update
  ), saved as (
    insert into task_checkpoints (task_id, step, item, value, execution_id, claim, created_at)
    select task_id, execution_step, $3, $4, execution_id, claim, $6
      from held
        on conflict (task_id, step, item) do nothing
  ), written as (
    insert into data_pipeline_task_outputs
           (task_id, execution_id, step_name, file_type, file_name, file_path, file_size, content_hash, description,
            is_primary, created_at, modified_at)
    select held.task_id, held.execution_id, held.execution_step, o.file_type, o.file_name, o.file_path, o.file_size,
           o.content_hash, o.description, o.is_primary, $6, $6
      from held, jsonb_to_recordset($5::jsonb) as o ${OUTPUT_RECORD}
     ${UPSERT_OUTPUT_TAIL}
  )
  select cancel_requested_at is not null as cancel_requested
    from held`

const FORGET_CHECKPOINTS = `
  delete from task_checkpoints
   where task_id = $1 and step = $2`

/** Items of a step that are done, with their results. */
export async function loadCheckpoints(store: Queryable, taskId: string, step: StepName): Promise<Map<string, unknown>> {
  const { rows } = await store.query<{ item: string; value: unknown }>(LOAD_CHECKPOINTS, [taskId, step])
  return new Map(rows.map((row) => [row.item, row.value]))
}

export async function saveCheckpoint(
  store: Queryable,
  holder: Holder,
  checkpoint: { item: string; value: unknown; outputs: readonly Output[] },
  now: Date,
): Promise<CheckpointAnswer> {
  const { rows } = await store.query<{ cancel_requested: boolean }>(SAVE_CHECKPOINT, [
    holder.executionId,
    holder.claim,
    checkpoint.item,
    JSON.stringify(checkpoint.value ?? null),
    outputRecords(holder.taskId, checkpoint.outputs),
    now,
  ])
  if (rows[0] === undefined) return 'lost'
  return rows[0].cancel_requested ? 'cancel-requested' : 'saved'
}

export async function forgetCheckpoints(tx: Queryable, taskId: string, step: StepName): Promise<void> {
  await tx.query(FORGET_CHECKPOINTS, [taskId, step])
}
