import type { Message } from '../platform/queue.ts'
import type { Queryable } from '../platform/store.ts'
import { PIPELINE, type StepName } from './pipeline.ts'

const UNCLAIMED_MS_MIN = 1_000 // whoever was sent the message first has this long to take it

// Let in, not held by anybody, and not taken for a moment: the partial index of what has been let in leads there.
const FIND_UNCLAIMED = `
  select execution_id, execution_step, claim
    from data_pipeline_task_executions
   where status in ('queued', 'running') and admitted_at is not null and cancel_requested_at is null and lease_owner is null and heartbeat_at is null
     and ((status = 'running' and admitted_at <= $1) or (status = 'queued' and available_at <= $1))
   order by admitted_at, id
   limit $2`

/**
 * Messages for executions that wait although they might run: a runner with room takes what another one has no room for.
 * Claims decide who gets them, so that two runners may ask at once.
 */
export async function findUnclaimed(store: Queryable, now: Date, limit: number): Promise<Message[]> {
  const { rows } = await store.query<{ execution_id: string; execution_step: StepName; claim: number }>(
    FIND_UNCLAIMED,
    [new Date(now.getTime() - UNCLAIMED_MS_MIN), limit],
  )
  return rows.map(({ execution_id, execution_step, claim }) => ({
    function: PIPELINE[execution_step].function,
    body: { execution_id, claim },
  }))
}
