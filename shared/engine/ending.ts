import { type Language, PROBLEMS, type Problem } from '../platform/problems.ts'
import { backoffMs } from './backoff.ts'
import type { Execution } from './execution.ts'
import type { Output } from './outputs.ts'
import type { Task } from './task.ts'
import { type ExecutionStatus, restingProgress, restingStatus, type StepStatus } from './transitions.ts'

/** How an attempt, or a whole execution, ended. */
export type Ending =
  | {
      readonly kind: 'completed'
      readonly result: Record<string, unknown>
      readonly outputs: readonly Output[]
      /** Of a node of a workflow: its condition did not hold. */
      readonly skipped?: boolean
    }
  | { readonly kind: 'failed'; readonly problem: Problem }
  | { readonly kind: 'retry'; readonly problem: Problem; readonly availableAt: Date }
  /** The time of this slice is over: same attempt, next claim. */
  | { readonly kind: 'sliced' }
  | { readonly kind: 'cancelled' }

/** The status of an execution that has ended so. */
export const STATUS_AFTER: Readonly<Record<Ending['kind'], ExecutionStatus>> = {
  completed: 'completed',
  failed: 'failed',
  retry: 'queued',
  sliced: 'queued',
  cancelled: 'cancelled',
}

/** What a failed attempt leads to: another one while the problem may pass and attempts remain. */
export function decideFailure(execution: Execution, problem: Problem, now: Date, random: () => number): Ending {
  const attempt = execution.attempt + 1
  if (!problem.retryable || attempt >= execution.maxAttempts) return { kind: 'failed', problem }
  const delayMs = problem.retryAfter === undefined ? backoffMs(attempt, random) : problem.retryAfter * 1000
  return { kind: 'retry', problem, availableAt: new Date(now.getTime() + delayMs) }
}

/** The task once an execution of it has ended so. */
export function taskAfter(
  task: Task,
  execution: Execution,
  ending: Ending,
  next: string | undefined,
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

export const STEP_AFTER: Readonly<Record<Ending['kind'], StepStatus>> = {
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
