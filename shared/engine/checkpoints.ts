import type { Queryable } from '../platform/store.ts'
import type { Output } from './outputs.ts'

/** An item of a step that is done, with what it gave and the files that it wrote. */
export interface Checkpoint {
  /** The item's key, unique within its step. */
  readonly item: string
  /** What it gave, as JSON takes it. */
  readonly value: unknown
  readonly outputs: readonly Output[]
  readonly at: Date
}

const LOAD_CHECKPOINTS = `
  select item, value
    from task_checkpoints
   where task_id = $1 and step = $2`

const FORGET_CHECKPOINTS = `
  delete from task_checkpoints
   where task_id = $1 and step = $2`

/** Items of a step that are done, with their results. */
export async function loadCheckpoints(store: Queryable, taskId: string, step: string): Promise<Map<string, unknown>> {
  const { rows } = await store.query<{ item: string; value: unknown }>(LOAD_CHECKPOINTS, [taskId, step])
  return new Map(rows.map((row) => [row.item, row.value]))
}

export async function forgetCheckpoints(tx: Queryable, taskId: string, step: string): Promise<void> {
  await tx.query(FORGET_CHECKPOINTS, [taskId, step])
}
