import { PIPELINE, STEPS, type StepName } from './pipeline.ts'

export const TASK_STATUSES = [
  'pending',
  'in_progress',
  'partial_completed',
  'completed',
  'failed',
  'cancelled',
] as const
export type TaskStatus = (typeof TASK_STATUSES)[number]

export const STEP_STATUSES = ['pending', 'queued', 'running', 'completed', 'failed', 'cancelled', 'skipped'] as const
export type StepStatus = (typeof STEP_STATUSES)[number]
/** Of each step of the pipeline, or of each node of a workflow. */
export type StepStatuses = Readonly<Record<string, StepStatus>>

/** From each status of an execution to the next. Arrows to `queued` from `running` are retries, slices and takeovers. */
export const EXECUTION_TRANSITIONS = {
  queued: ['running', 'failed', 'cancelled'],
  running: ['queued', 'completed', 'failed', 'cancelled'],
  completed: [],
  failed: [],
  cancelled: [],
} as const satisfies Record<string, readonly string[]>
export type ExecutionStatus = keyof typeof EXECUTION_TRANSITIONS

/** The statuses from which `to` may be reached: what a guard in SQL receives. */
export function sourcesOf(to: ExecutionStatus): ExecutionStatus[] {
  return (Object.keys(EXECUTION_TRANSITIONS) as ExecutionStatus[]).filter((from) =>
    (EXECUTION_TRANSITIONS[from] as readonly string[]).includes(to),
  )
}

export function isFinal(status: ExecutionStatus): boolean {
  return EXECUTION_TRANSITIONS[status].length === 0
}

/** Executions that occupy their task. */
export const ACTIVE_STATUSES: readonly ExecutionStatus[] = ['queued', 'running']

/**
 * A task's status as its steps tell it, once nothing of it is under way.
 * Steps under way leave the task `in_progress`; that is the schedule's to say, not this function's.
 */
export function restingStatus(steps: StepStatuses): TaskStatus {
  const statuses = Object.values(steps)
  if (statuses.includes('failed')) return 'failed'
  if (statuses.includes('cancelled')) return 'cancelled'
  if (statuses.every((status) => status === 'completed' || status === 'skipped')) return 'completed'
  return statuses.includes('completed') ? 'partial_completed' : 'pending'
}

/** Percent of a task whose steps stand so: the end of the last step of its unbroken beginning. */
export function restingProgress(steps: StepStatuses): number {
  let progress = 0
  for (const step of STEPS) {
    if (steps[step] !== 'completed' && steps[step] !== 'skipped') break
    progress = PIPELINE[step].progress[1]
  }
  return progress
}

/** Percent of the task while a step is `share` (0 to 1) done. */
export function runningProgress(step: StepName, share: number): number {
  const [from, to] = PIPELINE[step].progress
  return Math.floor(from + (to - from) * Math.min(1, Math.max(0, share)))
}

/** What a step waits for: its dependency, past those that were switched off; null where nothing is missing. */
export function unmetDependency(step: StepName, steps: StepStatuses): StepName | null {
  let needed = PIPELINE[step].dependsOn
  while (needed !== null && steps[needed] === 'skipped') needed = PIPELINE[needed].dependsOn
  return needed !== null && steps[needed] !== 'completed' ? needed : null
}

/** Where a resumed task goes on; null where nothing is left to do. */
export function firstUnfinishedStep(steps: StepStatuses): StepName | null {
  return STEPS.find((step) => steps[step] !== 'completed' && steps[step] !== 'skipped') ?? null
}
