import { timestampId } from '../platform/clock.ts'
import { jsonbText } from '../platform/jsonb-text.ts'
import type { Platform } from '../platform/platform.ts'
import { Problem } from '../platform/problems.ts'
import type { Message } from '../platform/queue.ts'
import { backoffMs } from './backoff.ts'
import { type Ending, STATUS_AFTER, taskAfter } from './ending.ts'
import type { Execution } from './execution.ts'
import { putHeld } from './held-file.ts'
import { LEASE_MS } from './lease.ts'
import type { LeaseKeeper } from './lease-keeper.ts'
import type { LogLine } from './log-lines.ts'
import { listOutputs, type Output } from './outputs.ts'
import { PIPELINE, type StepName } from './pipeline.ts'
import type { RunMemory } from './run-memory.ts'
import { taskRecord } from './save-task.ts'
import { admissionRules, messageOf } from './schedule.ts'
import type { Task } from './task.ts'
import { taskFileNames } from './task-files.ts'
import { taskLanguage } from './task-language.ts'
import { TASK_RESULT, taskResult, writeTaskResult } from './task-result.ts'
import { sourcesOf } from './transitions.ts'
import { type Change, type NextRecord, NOTHING, WRITE, type Written, write, writeItem } from './write.ts'

/** What a worker follows through its steps. */
export interface Work {
  readonly task: Task
  readonly execution: Execution
  readonly memory: RunMemory
}

export interface Finished {
  readonly task: Task
  /** The claim number that the next message must carry. */
  readonly claim: number
  /** The next execution, leased to this worker. */
  readonly next: Work | null
  /** To be sent: to the next execution where this worker can't go on, and to runs that were let in. */
  readonly messages: readonly Message[]
  /** True when the run has ended. */
  readonly runEnded: boolean
}

const TRIES_MAX = 4 // a server that restarts is back within seconds

/**
 * Ends a worker's claim with one statement: result, outputs, logs, step and task status, the next execution, and who is
 * let in, or nothing at all.
 * @param goesOn whether this worker takes the next execution
 * @returns null when the claim was superseded, or when somebody has asked for a cancellation that the ending ignores
 */
export async function finishExecution(
  platform: Platform,
  work: Work,
  ending: Ending,
  keeper: LeaseKeeper,
  goesOn: boolean,
): Promise<Finished | null> {
  const { execution, memory } = work
  const after = outcomeOf(platform, work, ending, goesOn)
  const stepOutputs = ending.kind === 'completed' ? ending.outputs : []
  const taskOutputs = after.runEnded ? await putResult(platform, memory, after.task, stepOutputs, keeper) : []
  const pending = keeper.takePending()
  const files = { step: stepOutputs, task: taskOutputs }
  const written = await persistently(platform, keeper, () =>
    write(platform.store, writeItem(execution, after.change, pending, files)),
  )
  if (written === null) {
    keeper.putBack(pending)
    return null
  }
  memory.remember(pending, [...stepOutputs, ...taskOutputs])
  return finishedOf(platform, execution, after, written, memory)
}

/**
 * Ends what another worker has left, on behalf of the sweep.
 * @param takeover wants a lapsed lease, and fences the former holder
 * @returns null when something has changed since the execution was read
 */
export async function takeOver(
  platform: Platform,
  task: Task,
  execution: Execution,
  ending: Ending,
  lines: readonly LogLine[],
  takeover: boolean,
): Promise<Finished | null> {
  const after = outcomeOf(platform, { task, execution, memory: null }, ending, false)
  const item = writeItem(execution, { ...after.change, takeover }, { ...NOTHING, lines })
  if (!after.runEnded) {
    const written = await write(platform.store, item)
    return written === null ? null : finishedOf(platform, execution, after, written, null)
  }
  return await platform.store.transaction(async (tx) => {
    const { rows } = await tx.query<{ answers: readonly (Written | null)[] }>(WRITE, [jsonbText([item])])
    const written = rows[0]?.answers[0] ?? null
    if (written === null) return null
    // Only now: whoever wrote this file before is fenced.
    await orNoFile(platform, after.task, async () => [await writeTaskResult(platform, tx, after.task)])
    return finishedOf(platform, execution, after, written, null)
  })
}

interface Outcome {
  readonly task: Task
  readonly change: Change
  readonly next: NextRecord | null
  readonly runEnded: boolean
}

/** What an ending means for the execution, its task, its run and the schedule. */
function outcomeOf(
  platform: Platform,
  { task, execution, memory }: Omit<Work, 'memory'> & { memory: RunMemory | null },
  ending: Ending,
  goesOn: boolean,
): Outcome {
  const now = platform.clock.now()
  const status = STATUS_AFTER[ending.kind]
  const problem = ending.kind === 'failed' || ending.kind === 'retry' ? ending.problem : null
  const nextStep = ending.kind === 'completed' ? execution.remainingSteps[0] : undefined
  const next =
    nextStep === undefined
      ? null
      : nextRecord(platform, execution, nextStep, now, { goesOn, forget: (memory?.outputs ?? null) === null })
  const runEnded = next === null && status !== 'queued'
  const language = taskLanguage(platform.config.HELIX_LANGUAGE, task)
  const after = taskAfter(task, execution, ending, nextStep, now, language)
  const change: Change = {
    at: now,
    status,
    sources: sourcesOf(status),
    unless_cancelled: !runEnded,
    attempt: problem === null ? execution.attempt : execution.attempt + 1,
    ...(ending.kind === 'completed' ? { result: ending.result } : {}),
    ...(problem === null ? {} : { error_message: problem.message, error_code: problem.code }),
    ...(ending.kind === 'retry' ? { available_at: ending.availableAt } : {}),
    ...(ending.kind === 'sliced' ? { available_at: now } : {}),
    task: taskRecord(after, now),
    ...(next === null ? {} : { next }),
    ...(runEnded ? { admit: admissionRules(platform.config, now) } : {}),
  }
  return { task: after, change, next, runEnded }
}

function nextRecord(
  platform: Platform,
  execution: Execution,
  step: StepName,
  now: Date,
  { goesOn, forget }: { goesOn: boolean; forget: boolean },
): NextRecord {
  return {
    execution_id: executionIdAt(platform, execution.taskId, step, now),
    step,
    run_id: execution.runId,
    remaining: execution.remainingSteps.slice(1),
    timeout_ms: execution.timeoutMs,
    max_attempts: execution.maxAttempts,
    priority: execution.priority,
    concurrency_key: execution.concurrencyKey,
    forget,
    owner: goesOn ? platform.workerId : null,
    lease_expires_at: new Date(now.getTime() + LEASE_MS),
  }
}

/** `{task_id}_step_{step}_exec_{YYYYMMDDHHMMSS}` */
export function executionIdAt(platform: Platform, taskId: string, step: StepName | 'complete', now: Date): string {
  return `${taskId}_step_${step}_exec_${timestampId(now, platform.clock.timeZone).replace('_', '')}`
}

/** Writes `task_result.json` while the claim holds. @returns its row; none where it can't be written, which ends no task */
async function putResult(
  platform: Platform,
  memory: RunMemory,
  task: Task,
  stepOutputs: readonly Output[],
  keeper: LeaseKeeper,
): Promise<Output[]> {
  const known = memory.outputs ?? (await listOutputs(platform.store, task.id))
  const fresh = [...keeper.pendingOutputs(), ...stepOutputs]
  const all = new Map([...known, ...fresh].map((output) => [output.fileName, output]))
  const { text, output } = await taskResult(platform, task, [...all.values()])
  return await orNoFile(platform, task, async () => {
    await putHeld(platform.files, keeper, `${task.id}/${TASK_RESULT}`, text, { derived: true })
    return [output]
  })
}

async function orNoFile<T>(platform: Platform, task: Task, write: () => Promise<T[]>): Promise<T[]> {
  try {
    return await write()
  } catch (cause) {
    if (!(cause instanceof Problem) || cause.code !== 'files_unavailable') throw cause
    platform.log('background.failed', { what: `write ${TASK_RESULT}`, taskId: task.id, message: cause.message })
    return []
  }
}

/** Tries again while the store is away and the lease may still hold: a second write of the same changes nothing. */
async function persistently<T>(platform: Platform, keeper: LeaseKeeper, work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (error) {
      const away = error instanceof Problem && error.code === 'store_unavailable'
      if (!away || tries === TRIES_MAX || !keeper.mayHold()) throw error
      await platform.clock.sleep(backoffMs(tries, platform.random))
    }
  }
}

function finishedOf(
  platform: Platform,
  execution: Execution,
  { task, change, next, runEnded }: Outcome,
  { claim, next: nextId, admitted }: Written,
  memory: RunMemory | null,
): Finished {
  const messages = admitted.map(messageOf)
  if (next === null || nextId === null) return { task, claim, next: null, messages, runEnded }
  if (next.owner === null || memory === null) {
    const message = { function: PIPELINE[next.step].function, body: { execution_id: nextId, claim: 0 } }
    return { task, claim, next: null, messages: [message, ...messages], runEnded }
  }
  const leased = leasedExecution(platform, next, { executionId: nextId, taskId: execution.taskId, at: change.at })
  return { task, claim, next: { task, execution: leased, memory }, messages, runEnded }
}

/** An execution that was just inserted with a lease of this worker, as its row says. */
export function leasedExecution(
  platform: Platform,
  next: Omit<NextRecord, 'execution_id'>,
  { executionId, taskId, at }: { executionId: string; taskId: string; at: Date },
): Execution {
  return {
    executionId,
    taskId,
    step: next.step,
    status: 'running',
    runId: next.run_id,
    remainingSteps: next.remaining,
    attempt: 0,
    maxAttempts: next.max_attempts,
    claim: 1,
    priority: next.priority,
    concurrencyKey: next.concurrency_key,
    createdAt: at,
    availableAt: at,
    admittedAt: at,
    startedAt: at,
    completedAt: null,
    leaseOwner: platform.workerId,
    leaseExpiresAt: next.lease_expires_at,
    heartbeatAt: at,
    cancelRequestedAt: null,
    deadlineAt: new Date(at.getTime() + next.timeout_ms),
    timeoutMs: next.timeout_ms,
    progress: 0,
    forceExecuted: false,
    filesCleaned: false,
    cleanPrevious: false,
    result: null,
    errorMessage: null,
    errorCode: null,
  }
}

/** @throws {Problem} `missing_output` unless every required file is there */
export async function assertOutputs(platform: Platform, taskId: string, required: readonly string[]): Promise<void> {
  if (required.length === 0) return
  const present = new Set(await taskFileNames(platform.files, taskId))
  const missing = required.filter((name) => !present.has(name))
  if (missing.length > 0)
    throw new Problem('missing_output', `Missing after the step: ${missing.slice(0, 10).join(', ')}`)
}
