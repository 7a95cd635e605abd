import type { Execution } from '../../engine/execution.ts'
import { ownsFile } from '../../engine/outputs.ts'
import { isStep, stepsAfter } from '../../engine/pipeline.ts'
import { workflowProgress } from '../../engine/planned-workflow.ts'
import type { Task } from '../../engine/task.ts'
import { isFinal, restingProgress, restingStatus, type StepStatus } from '../../engine/transitions.ts'
import { activeOf, type FileFact, latestOf, type OutputFact, type Picture } from './picture.ts'

/** Columns of an execution's row that a clean-up changes, as JSON. */
export type ExecutionChange = Readonly<Record<string, string | number | null>>

const SILENCE = '任务超时，可能已停止运行' // the specification's own words

/** Collects what the findings of one task need, so that several of them may ask for the same thing. */
export class PlanDraft {
  readonly #picture: Picture
  readonly executions = new Map<string, ExecutionChange>()
  /** Output rows to remove, by file name. */
  readonly outputs = new Set<string>()
  /** Output rows to bring in line with their files. */
  readonly adopted = new Map<string, FileFact>()
  readonly files = new Set<string>()
  /** Steps whose checkpoints go. */
  readonly steps = new Set<string>()
  readonly #statuses = new Map<string, StepStatus>()
  #settles = false
  #undone = false
  #error: { message: string; code: string } | null = null

  constructor(picture: Picture) {
    this.#picture = picture
  }

  removeFile(name: string): void {
    this.files.add(name)
  }

  removeOutput({ fileName }: OutputFact): void {
    this.outputs.add(fileName)
    this.adopted.delete(fileName)
    if (this.#picture.files?.has(fileName) === true) this.files.add(fileName)
  }

  adopt({ fileName }: OutputFact): void {
    const file = this.#picture.files?.get(fileName)
    if (file !== undefined && !this.outputs.has(fileName)) this.adopted.set(fileName, file)
  }

  /** A completed execution that is none: its step is to be done again, and what comes after it too. */
  undoStep(execution: Execution): void {
    const { step } = execution
    for (const output of this.#picture.outputs) if (output.step === step) this.removeOutput(output)
    // Also those whose rows are gone; a file that another step has recorded stays.
    const recorded = new Set(this.#picture.outputs.map(({ fileName }) => fileName))
    for (const name of this.#picture.files?.keys() ?? [])
      if (!recorded.has(name) && ownsFile(step, name)) this.files.add(name)
    this.steps.add(step)
    this.#undone = true
    this.#fail(
      execution,
      'missing_output',
      `${step}: 必需的输出缺失或已改变 / a required output is missing or has changed`,
    )
  }

  /** What a failed step has left is gone: a resumed task begins it at its first item. */
  beginAnew(step: string): void {
    this.steps.add(step)
    if (this.#picture.task?.stepStatus[step] === 'completed') this.#redo(step)
  }

  capAttempts({ executionId, maxAttempts }: Execution): void {
    this.#change(executionId, { attempt: maxAttempts })
  }

  giveUp(execution: Execution): void {
    const { attempt, maxAttempts } = execution
    this.#change(execution.executionId, { attempt: Math.min(attempt, maxAttempts) })
    this.#fail(
      execution,
      'step_timeout',
      `尝试 ${attempt} 次，超过上限 ${maxAttempts} 次 / tried ${attempt} of at most ${maxAttempts} times`,
    )
  }

  /** Ends a lease that has lapsed: the execution waits again, or has failed where no attempt is left. */
  takeBack(execution: Execution): void {
    if (this.executions.get(execution.executionId)?.status === 'failed') return
    if (this.#undone) {
      // What it builds on is to be done again first, and then this too.
      this.#end(execution, 'cancelled', {})
      this.#statuses.set(execution.step, 'pending')
      return
    }
    // Promised to a message and never taken: nobody has failed yet.
    const attempt = execution.heartbeatAt === null ? execution.attempt : execution.attempt + 1
    if (execution.cancelRequestedAt !== null) {
      this.#end(execution, 'cancelled', {})
      return
    }
    if (attempt >= execution.maxAttempts) {
      this.#change(execution.executionId, { attempt: Math.min(attempt, execution.maxAttempts) })
      this.#fail(execution, 'step_timeout', SILENCE)
      return
    }
    const now = this.#picture.now.toISOString()
    this.#change(execution.executionId, {
      status: 'queued',
      attempt,
      claim: execution.claim + 1,
      available_at: now,
      admitted_at: execution.admittedAt?.toISOString() ?? now,
      lease_owner: null,
      lease_expires_at: null,
      heartbeat_at: null,
      deadline_at: null,
    })
    this.#statuses.set(execution.step, 'queued')
  }

  settle(): void {
    this.#settles = true
  }

  /** The task as it is to be; null where it stays as it is. */
  task(): Task | null {
    const { task, executions, now } = this.#picture
    if (task === null || (this.#statuses.size === 0 && !this.#settles)) return null
    const stepStatus = { ...task.stepStatus }
    for (const [step, status] of this.#statuses) if (step in stepStatus) stepStatus[step] = status
    if (this.#settles) {
      for (const [step, status] of Object.entries(stepStatus)) {
        const latest = latestOf({ executions }, step)
        const ended = latest === undefined ? null : this.#statusOf(latest)
        if (status === 'pending' || status === 'skipped') continue
        if (ended === 'completed' || ended === 'failed' || ended === 'cancelled') stepStatus[step] = ended
        else if (ended === null) stepStatus[step] = 'failed'
      }
    }
    const active = activeOf(this.#picture).filter((one) => !isFinal(this.#statusOf(one) as Execution['status']))
    const status = active.length > 0 ? 'in_progress' : this.#restingStatus(task, stepStatus)
    const open = status === 'in_progress' || status === 'partial_completed' || status === 'pending'
    const { workflow } = task.parameters
    const failed = status === 'failed'
    const error = this.#error ?? { message: task.errorMessage ?? SILENCE, code: task.errorCode ?? 'step_timeout' }
    return {
      ...task,
      stepStatus,
      status,
      progress: workflow === undefined ? restingProgress(stepStatus) : workflowProgress(workflow, stepStatus),
      completedAt: open ? null : (task.completedAt ?? now),
      errorMessage: failed ? error.message : null,
      errorCode: failed ? error.code : null,
    }
  }

  /** A run of a workflow whose border has failed has no failed node to tell it. */
  #restingStatus(task: Task, stepStatus: Task['stepStatus']): Task['status'] {
    const resting = restingStatus(stepStatus)
    const isWorkflow = task.parameters.workflow !== undefined
    return isWorkflow && resting !== 'completed' && resting !== 'cancelled' ? 'failed' : resting
  }

  #statusOf({ executionId, status }: Execution): string {
    return String(this.executions.get(executionId)?.status ?? status)
  }

  #fail(execution: Execution, code: string, message: string): void {
    this.#end(execution, 'failed', { error_code: code, error_message: message })
    this.#error ??= { code, message }
    this.#redo(execution.step)
  }

  #end(execution: Execution, status: 'failed' | 'cancelled', more: ExecutionChange): void {
    const fenced = execution.status === 'running' ? { claim: execution.claim + 1 } : {}
    this.#change(execution.executionId, {
      status,
      completed_at: (execution.completedAt ?? this.#picture.now).toISOString(),
      lease_owner: null,
      lease_expires_at: null,
      ...fenced,
      ...more,
    })
    this.#statuses.set(execution.step, status)
  }

  #change(executionId: string, change: ExecutionChange): void {
    this.executions.set(executionId, { ...this.executions.get(executionId), ...change })
  }

  /** A step that is to be done again takes those that build on it along. */
  #redo(step: string): void {
    const { task } = this.#picture
    if (this.#statuses.get(step) !== 'cancelled') this.#statuses.set(step, 'failed')
    if (task === null || task.parameters.workflow !== undefined || !isStep(step)) return
    for (const later of stepsAfter(step)) {
      const isDone = ['completed', 'failed', 'cancelled'].includes(task.stepStatus[later] ?? 'pending')
      if (isDone && !this.#statuses.has(later)) this.#statuses.set(later, 'pending')
    }
  }
}
