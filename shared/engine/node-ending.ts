import type { Language } from '../platform/problems.ts'
import { describe, type Ending, STEP_AFTER } from './ending.ts'
import type { Execution } from './execution.ts'
import { END, type PlannedNode, type PlannedWorkflow, readyNodes, START, workflowProgress } from './planned-workflow.ts'
import type { Task } from './task.ts'
import type { StepStatuses, TaskStatus } from './transitions.ts'

/** What the end of an execution means for the run of its workflow. */
export interface NodeOutcome {
  readonly task: Task
  /** What begins now. */
  readonly next: readonly PlannedNode[]
  readonly runEnded: boolean
}

const END_NODE: PlannedNode = {
  name: END,
  function: 'workflow-end',
  needs: [],
  timeout_ms: 10 * 60_000,
  max_attempts: 3,
}

/**
 * Told from the task as it is under its lock, so that nodes which end side by side agree on what is ready.
 * @param others executions of the task that are under way beside this one
 */
export function nodeOutcome(
  task: Task,
  workflow: PlannedWorkflow,
  execution: Execution,
  ending: Ending,
  { others, now, language }: { others: number; now: Date; language: Language },
): NodeOutcome {
  const statuses = statusesAfter(task.stepStatus, execution.step, ending)
  const problem = ending.kind === 'failed' ? ending.problem : null
  const told: Task = {
    ...task,
    stepStatus: statuses,
    progress: Math.max(task.progress, workflowProgress(workflow, statuses)),
    ...(problem === null ? {} : { errorMessage: describe(problem, language), errorCode: problem.code }),
  }
  const goesOn = (next: readonly PlannedNode[]): NodeOutcome => {
    const begun = next.filter(({ name }) => name !== END).map(({ name }) => [name, 'running' as const])
    const stepStatus = { ...statuses, ...Object.fromEntries(begun) }
    return { task: { ...told, stepStatus, status: 'in_progress' }, next, runEnded: false }
  }
  const over = (status: TaskStatus): NodeOutcome => ({
    task: { ...told, status, completedAt: now, ...resultOf(task, execution, ending) },
    next: [],
    runEnded: true,
  })
  if (ending.kind === 'retry' || ending.kind === 'sliced') return goesOn([])
  const failed = told.errorCode !== null || Object.values(statuses).includes('failed')
  if (execution.step === END) return over(failed ? 'failed' : ending.kind === 'cancelled' ? 'cancelled' : 'completed')
  if (ending.kind === 'cancelled' || Object.values(statuses).includes('cancelled')) {
    return others > 0 ? goesOn([]) : over(failed ? 'failed' : 'cancelled')
  }
  const ready = failed ? [] : readyNodes(workflow, statuses)
  return goesOn(ready.length === 0 && others === 0 ? [END_NODE] : ready)
}

/** A border of the workflow has no status of its own among those of its nodes. */
function statusesAfter(before: StepStatuses, step: string, ending: Ending): StepStatuses {
  if (step === START || step === END) return before
  const skipped = ending.kind === 'completed' && ending.skipped === true
  return { ...before, [step]: skipped ? 'skipped' : STEP_AFTER[ending.kind] }
}

function resultOf(task: Task, { step }: Execution, ending: Ending): Pick<Task, 'result'> {
  return { result: step === END && ending.kind === 'completed' ? ending.result : task.result }
}
