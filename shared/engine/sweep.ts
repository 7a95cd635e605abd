import type { Platform } from '../platform/platform.ts'
import { Problem } from '../platform/problems.ts'
import type { Message } from '../platform/queue.ts'
import type { Queryable } from '../platform/store.ts'
import type { Ending } from './ending.ts'
import { EXECUTION_COLUMNS, type Execution, type ExecutionRow, executionOf, findExecution } from './execution.ts'
import { takeOver } from './finish.ts'
import { finishNode } from './finish-node.ts'
import { LEASE_MS } from './lease.ts'
import { admitAndSend, sendMessages } from './messages.ts'
import { functionOf } from './planned-workflow.ts'
import { decideRescue, type RescueDecision, UNCLAIMED_MS_MAX } from './rescue.ts'
import { findTasks, type Task } from './task.ts'
import { NOTHING } from './write.ts'

export interface SweepCounts {
  readonly seen: number
  readonly resent: number
  readonly requeued: number
  readonly failed: number
  readonly cancelled: number
  readonly admitted: number
}

const BATCH_MAX = 200 // one tick must finish well inside a 30 s function limit

// The partial index of what has been let in leads there: the cost is that of the work under way, not of the table.
const FIND_CANDIDATES = `
  select ${EXECUTION_COLUMNS}
    from data_pipeline_task_executions
   where status in ('queued', 'running') and admitted_at is not null
     and case status when 'running' then coalesce(lease_expires_at <= $1, true)
                     else available_at <= $2 or cancel_requested_at is not null end
   order by coalesce(lease_expires_at, available_at)
   limit $3`

// The partial index of what has been let in leads there.
const ANY_LAPSED = `
  select exists (
    select from data_pipeline_task_executions
     where status in ('queued', 'running') and admitted_at is not null and status = 'running' and lease_expires_at <= $1
  ) as lapsed`

/** Whether some worker has not reported for as long as its lease lasts: a runner that looks often need not wait for the next sweep. */
export async function anyLapsed(store: Queryable, now: Date): Promise<boolean> {
  return (await store.query<{ lapsed: boolean }>(ANY_LAPSED, [now])).rows[0]?.lapsed === true
}

// Renews the promise, so that the next sweep waits as long again. The guard skips rows that moved in the meantime.
const RENEW_PROMISE = `
  update data_pipeline_task_executions
     set available_at = $3, lease_owner = null, lease_expires_at = case when status = 'running' then $4::timestamptz else null end
   where execution_id = $1 and claim = $2 and heartbeat_at is null and completed_at is null
     and (status = 'queued' or lease_expires_at is null or lease_expires_at <= $3)
  returning execution_id`

/**
 * Takes over executions whose worker is gone and sends lost messages again. One batch; safe to run twice at once,
 * since every change is guarded by the claim number that was read.
 * @param unclaimedMsMax 0 for a runner that has just started: its own queue has lost whatever it held
 */
export async function sweepZombies(platform: Platform, unclaimedMsMax = UNCLAIMED_MS_MAX): Promise<SweepCounts> {
  const now = platform.clock.now()
  const unclaimedSince = new Date(now.getTime() - unclaimedMsMax)
  const { rows } = await platform.store.query<ExecutionRow>(FIND_CANDIDATES, [now, unclaimedSince, BATCH_MAX])
  const executions = rows.map(executionOf)
  const counts = { seen: rows.length, resent: 0, requeued: 0, failed: 0, cancelled: 0, admitted: 0 }
  for (const { kind } of await rescueExecutions(platform, executions, unclaimedMsMax)) counts[COUNTED[kind]] += 1
  counts.admitted = await admitAndSend(platform)
  return counts
}

/** What was done for one execution. */
export interface Rescued {
  readonly execution: Execution
  readonly kind: Exclude<RescueDecision['kind'], 'leave'>
}

/** Does for each of some executions what its row calls for, unless it has changed since it was read. @returns what was done */
export async function rescueExecutions(
  platform: Platform,
  executions: readonly Execution[],
  unclaimedMsMax = UNCLAIMED_MS_MAX,
): Promise<Rescued[]> {
  const now = platform.clock.now()
  const rescues = executions.map((execution) => {
    return { execution, decision: decide(platform, execution, now, unclaimedMsMax) }
  })
  const tasks = await findTasks(
    platform.store,
    rescues.filter(({ decision }) => decision.kind !== 'leave').map(({ execution }) => execution.taskId),
  )
  const rescued: Rescued[] = []
  // All at once, so that they share their statements.
  await Promise.all(
    rescues.map(async ({ execution, decision }) => {
      try {
        const task = tasks.get(execution.taskId)
        if (task === undefined || !(await carryOut(platform, task, execution, decision, now))) return
        if (decision.kind !== 'leave') rescued.push({ execution, kind: decision.kind })
      } catch (cause) {
        // One that can't be helped now must not keep the others waiting; the next sweep sees it again.
        const { executionId } = execution
        platform.log('background.failed', { what: 'sweep', executionId, message: String(cause) })
      }
    }),
  )
  return rescued
}

/**
 * Does for one execution what the sweep would, as long as nobody has taken it since.
 * @param claim the number that its row had
 * @returns what was done, `leave` where there is nothing to do; null where it has moved on
 */
export async function rescueExecution(
  platform: Platform,
  executionId: string,
  claim: number,
): Promise<RescueDecision['kind'] | null> {
  const execution = await findExecution(platform.store, executionId)
  if (execution === null || execution.claim !== claim) return null
  const now = platform.clock.now()
  const decision = decide(platform, execution, now)
  const task = (await findTasks(platform.store, [execution.taskId])).get(execution.taskId)
  if (decision.kind === 'leave') return 'leave'
  return task !== undefined && (await carryOut(platform, task, execution, decision, now)) ? decision.kind : null
}

function decide(platform: Platform, execution: Execution, now: Date, unclaimedMsMax?: number): RescueDecision {
  if (platform.claims.holds(execution)) return { kind: 'leave' }
  return decideRescue(execution, now, platform.random, unclaimedMsMax)
}

const COUNTED = {
  resend: 'resent',
  requeue: 'requeued',
  fail: 'failed',
  cancel: 'cancelled',
} as const satisfies Record<Rescued['kind'], string>

/** @returns whether anything was changed */
async function carryOut(
  platform: Platform,
  task: Task,
  execution: Execution,
  decision: RescueDecision,
  now: Date,
): Promise<boolean> {
  switch (decision.kind) {
    case 'leave':
      return false
    case 'resend':
      return await resend(platform, execution, now)
    case 'requeue':
      return await rescue(platform, task, execution, retryAfter(now, decision.delayMs))
    case 'fail':
      return await rescue(platform, task, execution, { kind: 'failed', problem: silence() })
    case 'cancel':
      return await rescue(platform, task, execution, { kind: 'cancelled' })
  }
}

function silence(): Problem {
  // The sentence is the specification's own.
  return new Problem('step_timeout', '任务超时，可能已停止运行')
}

function retryAfter(now: Date, delayMs: number): Ending {
  return { kind: 'retry', problem: silence(), availableAt: new Date(now.getTime() + delayMs) }
}

async function resend(platform: Platform, execution: Execution, now: Date): Promise<boolean> {
  const { executionId, claim } = execution
  const promise = new Date(now.getTime() + LEASE_MS)
  const { rowCount } = await platform.store.query(RENEW_PROMISE, [executionId, claim, now, promise])
  if (rowCount === 0) return false
  const message: Message = { function: functionOf(execution), body: { execution_id: executionId, claim } }
  await sendMessages(platform, [message])
  return true
}

async function rescue(platform: Platform, task: Task, execution: Execution, ending: Ending): Promise<boolean> {
  const { executionId, step, claim } = execution
  const line = {
    level: 'WARNING',
    message: `任务超时，可能已停止运行 / ${step} stopped reporting (claim ${claim})`,
    at: platform.clock.now(),
    module: 'ZombieSweep',
    function: null,
    extra: { claim },
  } as const
  const lines = ending.kind === 'cancelled' ? [] : [line]
  const takeover = execution.status === 'running'
  const finished =
    task.parameters.workflow === undefined
      ? await takeOver(platform, task, execution, ending, lines, takeover)
      : await finishNode(platform, { execution, ending, pending: { ...NOTHING, lines }, takeover, goesOn: null })
  if (finished === null) return false
  platform.log('execution.rescued', { executionId, step, claim, ending: ending.kind })
  if (ending.kind === 'retry') {
    const delayMs = ending.availableAt.getTime() - platform.clock.now().getTime()
    const message = { function: functionOf(execution), body: { execution_id: executionId, claim: finished.claim } }
    await sendMessages(platform, [message], Math.max(0, Math.ceil(delayMs / 1000)))
  }
  await sendMessages(platform, finished.messages)
  return true
}
