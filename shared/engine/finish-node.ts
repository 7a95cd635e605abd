import { jsonbText } from '../platform/jsonb-text.ts'
import type { Platform } from '../platform/platform.ts'
import type { Message } from '../platform/queue.ts'
import type { Queryable } from '../platform/store.ts'
import { changeOf, type Finished, orNoFile, type Work } from './change.ts'
import type { Ending } from './ending.ts'
import { EXECUTION_COLUMNS, type Execution, type ExecutionRow, executionOf, listActiveExecutions } from './execution.ts'
import { Fold } from './fold.ts'
import { LEASE_MS } from './lease.ts'
import { executionIdAt } from './leased.ts'
import { type NodeOutcome, nodeOutcome } from './node-ending.ts'
import type { PlannedNode, PlannedWorkflow } from './planned-workflow.ts'
import type { RunMemory } from './run-memory.ts'
import { lockSchedule, messageOf } from './schedule.ts'
import { lockTask, type Task } from './task.ts'
import { taskLanguage } from './task-language.ts'
import { writeTaskResult } from './task-result.ts'
import { NOTHING, type Pending, WRITE, type Written, writeItem } from './write.ts'

const FREE_ID = `
  select helix_free_execution_id($1, $2) as id`

// Leased to its owner, or promised to the message that is about to be sent.
const INSERT_NODE = `
  insert into data_pipeline_task_executions
         (execution_id, task_id, execution_step, lane, function_name, status, run_id, created_at, available_at, admitted_at,
          started_at, timeout_ms, max_attempts, priority, concurrency_key, lease_expires_at,
          claim, lease_owner, heartbeat_at, deadline_at)
  values ($1, $2, $3::varchar, $3::varchar, $4, 'running', $5, $6::timestamptz, $6::timestamptz, $6::timestamptz,
          $6::timestamptz, $7::bigint, $8, $9, $10, $11,
          case when $12::varchar is null then 0 else 1 end, $12::varchar,
          case when $12::varchar is not null then $6::timestamptz end,
          case when $12::varchar is not null then $6::timestamptz + $7::bigint * interval '1 millisecond' end)
  returning ${EXECUTION_COLUMNS}`

export interface NodeEnding {
  readonly execution: Execution
  readonly ending: Ending
  readonly pending?: Pending
  /** Takes a lapsed lease away from a worker that is gone, and fences it. */
  readonly takeover?: boolean
  /** The memory of a worker that takes one of the nodes which follow; null where none does. */
  readonly goesOn: RunMemory | null
}

/**
 * Ends a claim on a node of a workflow in one transaction: all that the end of a step writes, and every node that it
 * makes ready. The task's row is held from before the look at what is ready, so that of two nodes which end at once the
 * second sees the first.
 * @returns null when the claim was superseded, or when somebody has asked for a cancellation that the ending ignores
 */
export async function finishNode(platform: Platform, node: NodeEnding): Promise<Finished | null> {
  const { execution, ending, pending = NOTHING, takeover = false, goesOn } = node
  return await platform.store.transaction(async (tx) => {
    await lockSchedule(tx)
    const task = await lockTask(tx, execution.taskId)
    const workflow = task?.parameters.workflow
    if (task === null || workflow === undefined) return null
    const now = platform.clock.now()
    const active = await listActiveExecutions(tx, task.id)
    const after = nodeOutcome(task, workflow, execution, ending, {
      others: active.filter(({ executionId }) => executionId !== execution.executionId).length,
      now,
      language: taskLanguage(platform.config.HELIX_LANGUAGE, task),
    })
    const written = await write(platform, tx, node, { after, now, pending, takeover })
    if (written === null) return null
    // Only now: whoever wrote this file before is fenced.
    if (after.runEnded) await orNoFile(platform, task, async () => [await writeTaskResult(platform, tx, after.task)])
    const began = await begin(platform, tx, { workflow, execution, after, now }, goesOn)
    const { claim, admitted } = written
    const messages = [...began.messages, ...admitted.map(messageOf)]
    return { task: after.task, claim, next: began.next, messages, runEnded: after.runEnded, written: true }
  })
}

async function write(
  platform: Platform,
  tx: Queryable,
  { execution, ending }: NodeEnding,
  { after, now, pending, takeover }: { after: NodeOutcome; now: Date; pending: Pending; takeover: boolean },
): Promise<Written | null> {
  const change = changeOf(platform, execution, ending, { task: after.task, runEnded: after.runEnded, now })
  const files = { step: ending.kind === 'completed' ? ending.outputs : [], task: [] }
  const item = writeItem(execution, { ...change, takeover }, pending, files)
  const { rows } = await tx.query<{ answers: readonly (Written | null)[] }>(WRITE, [jsonbText([item])])
  return rows[0]?.answers[0] ?? null
}

/** Inserts what is ready: one execution for the worker itself, the others for whoever takes their messages. */
async function begin(
  platform: Platform,
  tx: Queryable,
  run: { workflow: PlannedWorkflow; execution: Execution; after: NodeOutcome; now: Date },
  memory: RunMemory | null,
): Promise<{ next: Work | null; messages: Message[] }> {
  let next: Work | null = null
  const messages: Message[] = []
  for (const node of run.after.next) {
    const owner = next === null && memory !== null ? platform.workerId : null
    const execution = await insertNode(platform, tx, node, { ...run, owner })
    const { executionId, claim } = execution
    if (owner === null || memory === null)
      messages.push({ function: node.function, body: { execution_id: executionId, claim } })
    else next = { task: run.after.task, execution, memory, fold: new Fold() }
  }
  return { next, messages }
}

async function insertNode(
  platform: Platform,
  tx: Queryable,
  node: PlannedNode,
  { execution, after, now, owner }: { execution: Execution; after: { task: Task }; now: Date; owner: string | null },
): Promise<Execution> {
  const base = executionIdAt(platform, execution.taskId, node.name, now)
  const free = await tx.query<{ id: string }>(FREE_ID, [execution.taskId, base])
  const { rows } = await tx.query<ExecutionRow>(INSERT_NODE, [
    free.rows[0]?.id ?? base,
    execution.taskId,
    node.name,
    node.function,
    execution.runId,
    now,
    node.timeout_ms,
    node.max_attempts,
    after.task.priority,
    after.task.concurrencyKey,
    new Date(now.getTime() + LEASE_MS),
    owner,
  ])
  const [row] = rows
  if (row === undefined) throw new Error(`The execution of ${node.name} was not inserted`)
  return executionOf(row)
}
