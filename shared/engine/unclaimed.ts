import type { Message } from '../platform/queue.ts'
import type { Queryable } from '../platform/store.ts'
import { functionOf } from './planned-workflow.ts'

const UNCLAIMED_MS_MIN = 1_000 // whoever was sent the message first has this long to take it

// Let in, not held by anybody, and not taken for a moment: the partial index of what has been let in leads there.
const FIND_UNCLAIMED = `
  select execution_id, execution_step, function_name, claim
    from data_pipeline_task_executions
   where status in ('queued', 'running') and admitted_at is not null and cancel_requested_at is null and lease_owner is null and heartbeat_at is null
     and ((status = 'running' and admitted_at <= $1) or (status = 'queued' and available_at <= $1))
   order by admitted_at, id
   limit $2`

interface Unclaimed {
  execution_id: string
  execution_step: string
  function_name: string | null
  claim: number
}

/**
 * Messages for executions that wait although they might run: a runner with room takes what another one has no room for.
 * Claims decide who gets them, so that two runners may ask at once.
 */
export async function findUnclaimed(store: Queryable, now: Date, limit: number): Promise<Message[]> {
  const { rows } = await store.query<Unclaimed>(FIND_UNCLAIMED, [new Date(now.getTime() - UNCLAIMED_MS_MIN), limit])
  return rows.map(({ execution_id, execution_step: step, function_name: functionName, claim }) => ({
    function: functionOf({ step, functionName }),
    body: { execution_id, claim },
  }))
}
