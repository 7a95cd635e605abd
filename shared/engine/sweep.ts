import type { Platform } from '../platform/platform.ts'
import { Problem } from '../platform/problems.ts'
import type { Message } from '../platform/queue.ts'
import { EXECUTION_COLUMNS, type Execution, type ExecutionRow, executionOf } from './execution.ts'
import { type Ending, finishExecution } from './finish.ts'
import { LEASE_MS } from './lease.ts'
import { admitAndSend, sendMessages } from './messages.ts'
import { PIPELINE } from './pipeline.ts'
import { decideRescue, UNCLAIMED_MS_MAX } from './rescue.ts'

export interface SweepCounts {
  readonly seen: number
  readonly resent: number
  readonly requeued: number
  readonly failed: number
  readonly cancelled: number
  readonly admitted: number
}

const BATCH_MAX = 200 // one tick must finish well inside a 30 s function limit

// Both halves read a partial index: the cost is that of the candidates, not of the table.
const FIND_CANDIDATES = `
  (select ${EXECUTION_COLUMNS}
     from data_pipeline_task_executions
    where status = 'running' and (lease_expires_at is null or lease_expires_at <= $1)
    order by lease_expires_at
    limit $3)
  union all
  (select ${EXECUTION_COLUMNS}
     from data_pipeline_task_executions
    where status = 'queued' and ((admitted_at is not null and available_at <= $2) or cancel_requested_at is not null)
    order by available_at
    limit $3)`

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
  const counts = { seen: rows.length, resent: 0, requeued: 0, failed: 0, cancelled: 0, admitted: 0 }
  for (const execution of rows.map(executionOf)) {
    const decision = decideRescue(execution, now, platform.random, unclaimedMsMax)
    if (decision.kind === 'resend' && (await resend(platform, execution, now))) counts.resent += 1
    if (decision.kind === 'requeue' && (await rescue(platform, execution, retryAfter(now, decision.delayMs))))
      counts.requeued += 1
    if (decision.kind === 'fail' && (await rescue(platform, execution, { kind: 'failed', problem: silence() })))
      counts.failed += 1
    if (decision.kind === 'cancel' && (await rescue(platform, execution, { kind: 'cancelled' }))) counts.cancelled += 1
  }
  counts.admitted = await admitAndSend(platform)
  return counts
}

function silence(): Problem {
  // The sentence is the specification's own.
  return new Problem('step_timeout', '任务超时，可能已停止运行')
}

function retryAfter(now: Date, delayMs: number): Ending {
  return { kind: 'retry', problem: silence(), availableAt: new Date(now.getTime() + delayMs) }
}

async function resend(platform: Platform, execution: Execution, now: Date): Promise<boolean> {
  const { executionId, claim, step } = execution
  const promise = new Date(now.getTime() + LEASE_MS)
  const { rowCount } = await platform.store.query(RENEW_PROMISE, [executionId, claim, now, promise])
  if (rowCount === 0) return false
  const message: Message = { function: PIPELINE[step].function, body: { execution_id: executionId, claim } }
  await sendMessages(platform, [message])
  return true
}

async function rescue(platform: Platform, execution: Execution, ending: Ending): Promise<boolean> {
  const { executionId, step, claim } = execution
  const line = {
    level: 'WARNING',
    message: `任务超时，可能已停止运行 / ${step} stopped reporting (claim ${claim})`,
    at: platform.clock.now(),
    module: 'ZombieSweep',
    function: null,
    extra: { claim },
  } as const
  const now = platform.clock.now()
  const lines = ending.kind === 'cancelled' ? [] : [line]
  const finished = await finishExecution(
    platform,
    execution,
    ending,
    lines,
    execution.status === 'running' ? now : null,
  )
  if (finished === null) return false
  platform.log('execution.rescued', { executionId, step, claim, ending: ending.kind })
  if (ending.kind === 'retry') {
    const delayMs = ending.availableAt.getTime() - platform.clock.now().getTime()
    const message = { function: PIPELINE[step].function, body: { execution_id: executionId, claim: finished.claim } }
    await sendMessages(platform, [message], Math.max(0, Math.ceil(delayMs / 1000)))
  }
  return true
}
