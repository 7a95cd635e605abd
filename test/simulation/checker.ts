import { checkExecution, checkOutputs, checkRow, promise } from './check-execution.ts'
import { checkBegun } from './check-flow.ts'
import { checkCleaned, checkRuns, checkShare } from './check-run.ts'
import { checkLead, checkLimits, checkOrder } from './check-schedule.ts'
import { checkTask, Expectations } from './check-task.ts'
import { flowOf } from './flow.ts'
import {
  type Change,
  type CheckpointState,
  type ExecutionState,
  isActive,
  type Rows,
  type TaskState,
} from './mirror.ts'
import type { Invocation, Runner, World } from './model.ts'
import type { RowNotice, WatchedTable } from './watched-tables.ts'

export type Changes = { readonly [Table in WatchedTable]: Change<Rows[Table]>[] }

const LINE = /\[(\S+)#(\d+):\d+\]$/ // as the ledger marks its lines

/** Holds every commit against the invariants, at the moment in which it is made. */
export class Checker {
  readonly #world: World
  readonly #expectations = new Expectations()
  readonly #lines = new Map<string, number>()
  readonly #runs = new Set<string>()
  readonly #keys = new Map<string, string>()
  readonly #known = new Set<string>()
  /** Steps that the present commit lets go on from their checkpoints. */
  readonly #goesOn = new Set<string>()

  constructor(world: World) {
    this.#world = world
  }

  commit(notices: readonly RowNotice[], invocation: Invocation): void {
    const changes = this.#apply(notices)
    this.#goesOn.clear()
    const tasks = new Set<string>()
    const restarted = new Set<string>()
    for (const { before, after } of changes.data_pipeline_task_executions) {
      const taskId = (after ?? before)?.task_id
      if (taskId !== undefined) tasks.add(taskId)
      if (before === null && after !== null && this.#isStart(after)) restarted.add(after.task_id)
    }
    for (const change of changes.data_pipeline_task_executions) {
      if (this.#deleted(change)) continue
      checkExecution(this.#world, change, invocation.runner)
      promise(change, invocation.runner)
      if (change.before === null && change.after !== null) this.#checkInsert(change.after)
      this.#expectations.executionChanged(change, restarted)
    }
    for (const { before, after } of changes.data_pipeline_tasks) {
      if (after === null) this.#expectations.forget(before?.id ?? '')
      else tasks.add(after.id)
      if (after !== null && before === null) this.#created(after)
      if (before !== null && after !== null && after.progress < before.progress && !restarted.has(after.id)) {
        this.#world.violate(
          '5-progress',
          `The progress of ${after.id} fell from ${before.progress} to ${after.progress}`,
        )
      }
    }
    this.#checkLogs(changes.data_pipeline_task_logs, changes, invocation.runner)
    this.#checkCheckpoints(changes)
    this.#checkEvents(changes.task_events)
    for (const taskId of tasks) this.#checkTask(taskId)
    checkLimits(this.#world)
    checkOrder(this.#world, changes.data_pipeline_task_executions)
    checkRuns(this.#world, changes.data_pipeline_task_executions)
    for (const change of changes.data_pipeline_task_executions) checkBegun(this.#world, change)
    for (const change of changes.leases) checkLead(this.#world, change)
  }

  /** Whether an execution or a run of that id was ever committed. */
  knows(id: string): boolean {
    return this.#known.has(id)
  }

  unfinished(): string[] {
    return [...this.#world.mirror.executions.values()]
      .filter(isActive)
      .map((one) => `${one.execution_id} (${one.status})`)
  }

  /** When nothing is left to happen. */
  atRest(): void {
    for (const task of this.#world.mirror.tasks.values()) {
      if (task.status === 'in_progress')
        this.#world.violate('1-none-lost', `${task.id} is in_progress, with nothing under way`)
      this.#checkTask(task.id)
    }
    for (const execution of this.#world.mirror.executions.values()) {
      const task = this.#world.mirror.tasks.get(execution.task_id)
      if (execution.status !== 'completed' || task?.step_status[execution.execution_step] !== 'completed') continue
      if (this.#expectations.latest(execution) !== execution.execution_id) continue
      checkOutputs(this.#world, execution)
      if (execution.clean_previous && this.#world.quiet) checkCleaned(this.#world, execution)
    }
    if (this.#world.quiet) for (const output of this.#world.mirror.outputs.values()) checkRow(this.#world, output)
  }

  #apply(notices: readonly RowNotice[]): Changes {
    const changes: Record<WatchedTable, Change<Rows[WatchedTable]>[]> = {
      data_pipeline_tasks: [],
      data_pipeline_task_executions: [],
      data_pipeline_task_logs: [],
      data_pipeline_task_outputs: [],
      task_checkpoints: [],
      task_events: [],
      idempotency_keys: [],
      leases: [],
    }
    for (const notice of notices) changes[notice.table].push(this.#world.mirror.apply(notice))
    this.#world.count('changes', notices.length)
    return changes as unknown as Changes
  }

  #isStart({ run_id, execution_step }: ExecutionState): boolean {
    for (const other of this.#world.mirror.executions.values()) {
      if (other.run_id === run_id && other.execution_step !== execution_step) return false
    }
    return true
  }

  #deleted({ before, after }: Change<ExecutionState>): boolean {
    if (after !== null) return false
    if (before !== null && isActive(before))
      this.#world.violate('1-none-lost', `${before.execution_id} was deleted while it was ${before.status}`)
    return true
  }

  /** Only a failed or a cancelled step goes on from its checkpoints, and not where the old ones are to be cleaned away. */
  #checkBeginning({ task_id, execution_id, execution_step, clean_previous }: ExecutionState): void {
    const former = this.#expectations.of(task_id, execution_step)
    const goesOn = former === 'failed' || former === 'cancelled' || flowOf(this.#world, task_id) !== null
    if (!clean_previous && goesOn) {
      this.#goesOn.add(`${task_id}/${execution_step}`)
      return
    }
    const prefix = `${task_id}/${execution_step}/`
    const [left] =
      [...this.#world.mirror.checkpoints].find(
        ([key, checkpoint]) => key.startsWith(prefix) && checkpoint.execution_id !== execution_id,
      ) ?? []
    if (left !== undefined)
      this.#world.violate('6-checkpoint', `${execution_id} begins anew, with a checkpoint of ${left}`)
  }

  /** A run has each step once, however often its predecessor ends. */
  #checkInsert(execution: ExecutionState): void {
    this.#checkBeginning(execution)
    this.#known.add(execution.execution_id).add(execution.run_id)
    const key = `${execution.run_id}/${execution.execution_step}`
    if (this.#runs.has(key))
      this.#world.violate('2-once', `The run ${execution.run_id} has two executions of ${execution.execution_step}`)
    this.#runs.add(key)
    for (const other of this.#world.mirror.executions.values()) {
      if (other.run_id === execution.run_id && other.cancel_requested_at !== null) {
        this.#world.violate(
          '5-status',
          `${execution.run_id} went on, although ${other.execution_id} was to be cancelled`,
        )
      }
    }
  }

  #created({ id, idempotency_key: key }: TaskState): void {
    this.#world.count('tasks')
    if (key === null) return
    const first = this.#keys.get(key)
    if (first !== undefined) this.#world.violate('idempotency', `${key} has made ${first} and ${id}`)
    this.#keys.set(key, id)
  }

  #checkLogs(logs: Changes['data_pipeline_task_logs'], changes: Changes, runner: Runner): void {
    for (const { after } of logs) {
      const marked = after === null ? null : LINE.exec(after.message)
      if (after === null || marked === null) continue
      const times = (this.#lines.get(after.message) ?? 0) + 1
      this.#lines.set(after.message, times)
      if (times > 1) this.#world.violate('logs', `Written twice: ${after.message}`)
      this.#checkHeld(marked[1] ?? '', Number(marked[2]), `the line "${after.message}"`, changes)
    }
    for (const { before, after } of changes.data_pipeline_task_executions) {
      const folded = before === null && after?.status === 'completed'
      const ended = before?.status === 'running' && after?.status !== 'running' && after?.claim === before.claim
      if (!folded && (!ended || before.lease_owner !== runner.workerId)) continue
      const turn = this.#world.ledger.find(after?.execution_id ?? '', after?.claim ?? 0)
      const lost = turn?.lines.find((line) => !this.#lines.has(line))
      if (lost !== undefined) this.#world.violate('logs', `Lost with the end of its claim: ${lost}`)
    }
  }

  #checkCheckpoints(changes: Changes): void {
    for (const { before, after } of changes.task_checkpoints) {
      if (after === null) {
        if (before !== null) this.#checkForgotten(before, changes)
        continue
      }
      const { execution_id, claim, item } = after
      if (before !== null)
        this.#world.violate('6-checkpoint', `The checkpoint of ${item} of ${execution_id} was changed`)
      if (this.#world.ledger.find(execution_id, claim)?.items.has(item) !== true) {
        this.#world.violate(
          '6-checkpoint',
          `${item} of ${execution_id} has a checkpoint of claim ${claim}, which never worked it`,
        )
      }
      this.#checkHeld(execution_id, claim, `the checkpoint of ${item}`, changes)
    }
    const saving = new Set(changes.task_checkpoints.map(({ after }) => after?.execution_id))
    for (const { before, after } of changes.data_pipeline_task_executions) {
      if (after?.status === 'running' && before?.status === 'running')
        checkShare(this.#world, after, saving.has(after.execution_id))
    }
  }

  /** Checkpoints go with their task, or where their step begins anew. */
  #checkForgotten({ task_id, step, item }: CheckpointState, changes: Changes): void {
    if (!this.#world.mirror.tasks.has(task_id)) return
    const anew = changes.data_pipeline_task_executions.some(
      ({ before, after }) => before === null && after?.task_id === task_id && after.execution_step === step,
    )
    if (!anew || this.#goesOn.has(`${task_id}/${step}`))
      this.#world.violate('6-checkpoint', `The checkpoint of ${item} of ${step} of ${task_id} was thrown away`)
  }

  /** Whoever writes under a claim holds it, or ends with that very write. */
  #checkHeld(executionId: string, claim: number, what: string, changes: Changes): void {
    const change = changes.data_pipeline_task_executions.find(({ after }) => after?.execution_id === executionId)
    if (change?.before === null && change.after?.claim === claim) return // it has begun and ended since
    const then = change?.before ?? this.#world.mirror.executions.get(executionId)
    if (then === undefined) return
    if (then.claim !== claim || then.status !== 'running') {
      this.#world.violate(
        '2-fenced',
        `Claim ${claim} wrote ${what}, when ${executionId} was ${then.status} under claim ${then.claim}`,
      )
    }
  }

  #checkEvents(events: Changes['task_events']): void {
    for (const { after } of events) {
      if (after === null) continue
      const { task_id, seq } = after
      if (seq > 1 && !this.#world.mirror.tables.task_events.has(`${task_id}/${seq - 1}`)) {
        this.#world.violate('events', `The feed of ${task_id} has ${seq}, but not ${seq - 1}`)
      }
    }
  }

  #checkTask(taskId: string): void {
    const task = this.#world.mirror.tasks.get(taskId)
    if (task === undefined) return
    checkTask(this.#world, task, this.#expectations)
  }
}
