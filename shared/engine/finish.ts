import { jsonbText } from '../platform/jsonb-text.ts'
import type { Platform } from '../platform/platform.ts'
import { Problem } from '../platform/problems.ts'
import { changeOf, type Finished, orNoFile, persistently, type Work } from './change.ts'
import { type Ending, STATUS_AFTER, taskAfter } from './ending.ts'
import type { Execution } from './execution.ts'
import type { StepEnd } from './fold.ts'
import { putHeld } from './held-file.ts'
import { LEASE_MS } from './lease.ts'
import type { LeaseKeeper } from './lease-keeper.ts'
import { executionIdAt, leasedExecution } from './leased.ts'
import type { LogLine } from './log-lines.ts'
import { listOutputs, type Output } from './outputs.ts'
import { functionOfStep } from './planned-workflow.ts'
import type { RunMemory } from './run-memory.ts'
import { messageOf } from './schedule.ts'
import type { Task } from './task.ts'
import { taskFileNames } from './task-files.ts'
import { taskLanguage } from './task-language.ts'
import { TASK_RESULT, taskResult, writeTaskResult } from './task-result.ts'
import { type Change, type NextRecord, NOTHING, WRITE, type Written, write, writeItem } from './write.ts'

/**
 * Ends a worker's claim with one statement: result, outputs, logs, step and task status, the next execution, and who is
 * let in, or nothing at all.
 * Where this worker takes the next execution, which `goesOn` says, that statement may wait for what comes of it.
 * @param then what is to be done once an end that waited is written, or has turned out never to be
 * @returns null when the claim was superseded, or when somebody has asked for a cancellation that the ending ignores
 */
export async function finishExecution(
  platform: Platform,
  work: Work,
  ending: Ending,
  keeper: LeaseKeeper,
  { goesOn, ...then }: { goesOn: boolean; written: () => void; refused: () => Promise<void> },
): Promise<Finished | null> {
  const { execution, memory, fold } = work
  // What did not go well is told of an execution that the store knows.
  await (ending.kind === 'completed' ? fold.quiet() : fold.settle())
  const after = outcomeOf(platform, work, ending, goesOn)
  const stepOutputs = ending.kind === 'completed' ? ending.outputs : []
  const taskOutputs = after.runEnded ? await putResult(platform, work, after.task, stepOutputs, keeper) : []
  const pending = keeper.takePending()
  const end: StepEnd = {
    execution,
    change: after.change,
    pending,
    files: { step: stepOutputs, task: taskOutputs },
    send: (item) => persistently(platform, keeper, () => write(platform.store, item)),
    written() {
      memory.remember(pending, [...stepOutputs, ...taskOutputs])
      then.written()
    },
    async refused() {
      keeper.putBack(pending)
      await then.refused()
    },
  }
  const doubtful = after.next === null || keeper.reasonToStop(true) !== null || !keeper.mayHold()
  const next = doubtful ? null : foreseen(platform, work, after, after.next)
  if (next !== null) {
    fold.keep(end)
    return { task: after.task, claim: execution.claim, next, messages: [], runEnded: false, written: false }
  }
  const written = await fold.end(end)
  if (written === null) {
    keeper.putBack(pending)
    return null
  }
  memory.remember(pending, [...stepOutputs, ...taskOutputs])
  return finishedOf(platform, work, after, written)
}

/**
 * The next execution, where it may begin before it is written: its worker has been there since the task's beginning, so
 * that it has the lease, no older run has left anything, and no other one has taken the execution's id.
 */
function foreseen(
  platform: Platform,
  { execution, memory, fold }: Work,
  { task, change }: Outcome,
  next: NextRecord,
): Work | null {
  if (next.owner === null || memory.outputs === null) return null
  const { execution_id: executionId } = next
  const leased = leasedExecution(platform, next, { executionId, taskId: execution.taskId, at: change.at })
  return { task, execution: leased, memory, fold }
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
  const after = outcomeOf(platform, { task, execution }, ending, false)
  const item = writeItem(execution, { ...after.change, takeover }, { ...NOTHING, lines })
  if (!after.runEnded) {
    const written = await write(platform.store, item)
    return written === null ? null : finishedOf(platform, { execution }, after, written)
  }
  return await platform.store.transaction(async (tx) => {
    const { rows } = await tx.query<{ answers: readonly (Written | null)[] }>(WRITE, [jsonbText([item])])
    const written = rows[0]?.answers[0] ?? null
    if (written === null) return null
    // Only now: whoever wrote this file before is fenced.
    await orNoFile(platform, after.task, async () => [await writeTaskResult(platform, tx, after.task)])
    return finishedOf(platform, { execution }, after, written)
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
  { task, execution, memory = null }: Pick<Work, 'task' | 'execution'> & { memory?: RunMemory | null },
  ending: Ending,
  goesOn: boolean,
): Outcome {
  const now = platform.clock.now()
  const status = STATUS_AFTER[ending.kind]
  const nextStep = ending.kind === 'completed' ? execution.remainingSteps[0] : undefined
  const next =
    nextStep === undefined
      ? null
      : nextRecord(platform, execution, nextStep, now, { goesOn, forget: (memory?.outputs ?? null) === null })
  const runEnded = next === null && status !== 'queued'
  const language = taskLanguage(platform.config.HELIX_LANGUAGE, task)
  const after = taskAfter(task, execution, ending, nextStep, now, language)
  const change: Change = {
    ...changeOf(platform, execution, ending, { task: after, runEnded, now }),
    ...(next === null ? {} : { next: [{ ...next, at: now }] }),
  }
  return { task: after, change, next, runEnded }
}

function nextRecord(
  platform: Platform,
  execution: Execution,
  step: string,
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

/** Writes `task_result.json` while the claim holds. @returns its row; none where it can't be written, which ends no task */
async function putResult(
  platform: Platform,
  { memory, fold }: Work,
  task: Task,
  stepOutputs: readonly Output[],
  keeper: LeaseKeeper,
): Promise<Output[]> {
  const known = memory.outputs ?? (await listOutputs(platform.store, task.id))
  const fresh = [...fold.outputs(), ...keeper.pendingOutputs(), ...stepOutputs]
  const all = new Map([...known, ...fresh].map((output) => [output.fileName, output]))
  const { text, output } = await taskResult(platform, task, [...all.values()])
  return await orNoFile(platform, task, async () => {
    await putHeld(platform.files, keeper, `${task.id}/${TASK_RESULT}`, text, { derived: true })
    return [output]
  })
}

function finishedOf(
  platform: Platform,
  { execution, memory, fold }: Pick<Work, 'execution'> & Partial<Work>,
  { task, change, next, runEnded }: Outcome,
  { claim, next: nextId, admitted }: Written,
): Finished {
  const messages = admitted.map(messageOf)
  const finished = { task, claim, messages, runEnded, written: true }
  if (next === null || nextId === null) return { ...finished, next: null }
  if (next.owner === null || memory === undefined || fold === undefined) {
    const message = { function: functionOfStep(next.step), body: { execution_id: nextId, claim: 0 } }
    return { ...finished, next: null, messages: [message, ...messages] }
  }
  const leased = leasedExecution(platform, next, { executionId: nextId, taskId: execution.taskId, at: change.at })
  return { ...finished, next: { task, execution: leased, memory, fold } }
}

/** @throws {Problem} `missing_output` unless every required file is there */
export async function assertOutputs(platform: Platform, taskId: string, required: readonly string[]): Promise<void> {
  if (required.length === 0) return
  const present = new Set(await taskFileNames(platform.files, taskId))
  const missing = required.filter((name) => !present.has(name))
  if (missing.length > 0)
    throw new Problem('missing_output', `Missing after the step: ${missing.slice(0, 10).join(', ')}`)
}
