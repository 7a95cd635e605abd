import type { Platform } from '../platform/platform.ts'
import { type Language, PROBLEMS, Problem } from '../platform/problems.ts'
import type { Message } from '../platform/queue.ts'
import type { Queryable } from '../platform/store.ts'
import { backoffMs } from './backoff.ts'
import type { Execution } from './execution.ts'
import { LEASE_MS } from './lease.ts'
import { type LogLine, saveLogs } from './log-lines.ts'
import { type Output, saveOutputs } from './outputs.ts'
import { PIPELINE, type StepName } from './pipeline.ts'
import { saveTask } from './save-task.ts'
import { freeExecutionId } from './start-run.ts'
import { lockTask, type Task } from './task.ts'
import { taskFileNames, writeTaskResult } from './task-files.ts'
import { taskLanguage } from './task-language.ts'
import { restingProgress, restingStatus, type StepStatus, sourcesOf } from './transitions.ts'

/** How an attempt, or a whole execution, ended. */
export type Ending =
  | { readonly kind: 'completed'; readonly result: Record<string, unknown>; readonly outputs: readonly Output[] }
  | { readonly kind: 'failed'; readonly problem: Problem }
  | { readonly kind: 'retry'; readonly problem: Problem; readonly availableAt: Date }
  /** The time of this slice is over: same attempt, next claim. */
  | { readonly kind: 'sliced' }
  | { readonly kind: 'cancelled' }

export interface Finished {
  readonly task: Task
  /** The claim number that the next message must carry. */
  readonly claim: number
  /** The next execution, already leased to this worker. */
  readonly next: Message | null
  /** True when the run has ended, so that another may be let in. */
  readonly runEnded: boolean
}

// The fence: a superseded claim finds no row and changes nothing. $4 lists the statuses from which the arrow may start.
// $11 is the time of a takeover: it wants a lapsed lease, and raises the claim, so that the former holder is fenced.
const END_EXECUTION = `
  update data_pipeline_task_executions
     set status = $3::text, completed_at = $5, execution_result = $6, error_message = $7, error_code = $8, attempt = $9::int,
         available_at = coalesce($10::timestamptz, available_at), progress = case when $3::text = 'completed' then 1 else progress end,
         lease_owner = null, lease_expires_at = null,
         claim = case when $11::timestamptz is null then claim else claim + 1 end,
         heartbeat_at = case when $3::text = 'queued' then null else heartbeat_at end,
         deadline_at = case when $3::text = 'queued' and $9::int > attempt then null else deadline_at end
   where execution_id = $1 and claim = $2 and status = any($4)
     and ($11::timestamptz is null or lease_expires_at is null or lease_expires_at <= $11)
  returning claim`

const INSERT_NEXT = `
  insert into data_pipeline_task_executions
         (execution_id, task_id, execution_step, status, run_id, remaining_steps, created_at, available_at, admitted_at,
          started_at, timeout_ms, max_attempts, lease_owner, lease_expires_at)
  values ($1, $2, $3, 'running', $4, $5, $6, $6, $6, $6, $7, $8, $9, $10)`

/** What a failed attempt leads to: another one while the problem may pass and attempts remain. */
export function decideFailure(execution: Execution, problem: Problem, now: Date, random: () => number): Ending {
  const attempt = execution.attempt + 1
  if (!problem.retryable || attempt >= execution.maxAttempts) return { kind: 'failed', problem }
  const delayMs = problem.retryAfter === undefined ? backoffMs(attempt, random) : problem.retryAfter * 1000
  return { kind: 'retry', problem, availableAt: new Date(now.getTime() + delayMs) }
}

/**
 * The one finishing transaction: result, outputs, logs, step and task status, and the next execution, or nothing at all.
 * @param takeoverAt set by the sweep, which ends what another worker has left: only if its lease has lapsed by then
 * @returns null when the claim was superseded
 */
export async function finishExecution(
  platform: Platform,
  execution: Execution,
  ending: Ending,
  lines: readonly LogLine[],
  takeoverAt: Date | null = null,
): Promise<Finished | null> {
  return await platform.store.transaction(async (tx) => {
    const now = platform.clock.now()
    const task = await lockTask(tx, execution.taskId)
    const claim = task === null ? null : await endExecution(tx, execution, ending, now, takeoverAt)
    if (task === null || claim === null) return null
    if (ending.kind === 'completed') await saveOutputs(tx, task.id, execution, ending.outputs, now)
    await saveLogs(tx, { taskId: task.id, executionId: execution.executionId, step: execution.step }, lines)
    const nextStep = ending.kind === 'completed' ? execution.remainingSteps[0] : undefined
    const after = taskAfter(task, execution, ending, nextStep, now, taskLanguage(platform.config.HELIX_LANGUAGE, task))
    await saveTask(tx, after, now)
    const next = nextStep === undefined ? null : await insertNext(platform, tx, execution, nextStep, now)
    const runEnded = next === null && ending.kind !== 'retry' && ending.kind !== 'sliced'
    if (runEnded) await writeTaskResult(platform, tx, after)
    return { task: after, claim, next, runEnded }
  })
}

async function endExecution(
  tx: Queryable,
  execution: Execution,
  ending: Ending,
  now: Date,
  takeoverAt: Date | null,
): Promise<number | null> {
  const status = ending.kind === 'retry' || ending.kind === 'sliced' ? 'queued' : ending.kind
  const failed = ending.kind === 'failed' || ending.kind === 'retry' ? ending.problem : null
  const { rows } = await tx.query<{ claim: number }>(END_EXECUTION, [
    execution.executionId,
    execution.claim,
    status,
    sourcesOf(status),
    status === 'queued' ? null : now,
    ending.kind === 'completed' ? JSON.stringify(ending.result) : null,
    failed?.message ?? null,
    failed?.code ?? null,
    failed === null ? execution.attempt : execution.attempt + 1,
    ending.kind === 'retry' ? ending.availableAt : ending.kind === 'sliced' ? now : null,
    takeoverAt,
  ])
  return rows[0]?.claim ?? null
}

/** The task once an execution of it has ended so. */
export function taskAfter(
  task: Task,
  execution: Execution,
  ending: Ending,
  next: StepName | undefined,
  now: Date,
  language: Language,
): Task {
  const stepStatus = { ...task.stepStatus, [execution.step]: STEP_AFTER[ending.kind] }
  if (next !== undefined) stepStatus[next] = 'running'
  const underWay = next !== undefined || ending.kind === 'retry' || ending.kind === 'sliced'
  const result = ending.kind === 'completed' ? { ...task.result, [execution.step]: ending.result } : task.result
  if (underWay) {
    return {
      ...task,
      stepStatus,
      result,
      status: 'in_progress',
      progress: Math.max(task.progress, restingProgress(stepStatus)),
    }
  }
  const status = restingStatus(stepStatus)
  const ended = status === 'partial_completed' || status === 'pending' ? null : now
  const problem = ending.kind === 'failed' ? ending.problem : null
  return {
    ...task,
    stepStatus,
    status,
    progress: Math.max(task.progress, restingProgress(stepStatus)),
    completedAt: ended,
    errorMessage: problem === null ? null : describe(problem, language),
    errorCode: problem?.code ?? null,
    result,
  }
}

const STEP_AFTER: Readonly<Record<Ending['kind'], StepStatus>> = {
  completed: 'completed',
  failed: 'failed',
  retry: 'queued',
  sliced: 'queued',
  cancelled: 'cancelled',
}

/** One sentence for a person: what the problem is, and what was attempted. */
export function describe(problem: Problem, language: Language): string {
  if (problem.code === 'internal') return problem.message
  return `${PROBLEMS[problem.code].title[language]}${language === 'zh' ? '：' : ': '}${problem.message}`
}

async function insertNext(
  platform: Platform,
  tx: Queryable,
  execution: Execution,
  step: StepName,
  now: Date,
): Promise<Message> {
  const executionId = await freeExecutionId(platform, tx, execution.taskId, step, now)
  await tx.query(INSERT_NEXT, [
    executionId,
    execution.taskId,
    step,
    execution.runId,
    execution.remainingSteps.slice(1),
    now,
    execution.timeoutMs,
    execution.maxAttempts,
    platform.workerId,
    new Date(now.getTime() + LEASE_MS),
  ])
  return { function: PIPELINE[step].function, body: { execution_id: executionId, claim: 0 } }
}

/** @throws {Problem} `missing_output` unless every required file is there */
export async function assertOutputs(platform: Platform, taskId: string, required: readonly string[]): Promise<void> {
  const present = new Set(await taskFileNames(platform.files, taskId))
  const missing = required.filter((name) => !present.has(name))
  if (missing.length > 0)
    throw new Problem('missing_output', `Missing after the step: ${missing.slice(0, 10).join(', ')}`)
}
