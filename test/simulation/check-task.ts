import { isStep, STEPS, type StepName } from '../../shared/engine/pipeline.ts'
import { checkFlow } from './check-flow.ts'
import { flowOf } from './flow.ts'
import type { Change, ExecutionState, TaskState } from './mirror.ts'
import type { World } from './model.ts'

/** Percent of a task at the end of each step, as the specification has it. */
const ENDS: Readonly<Record<StepName, number>> = {
  ddl_generation: 40,
  qa_generation: 70,
  sql_validation: 90,
  training_load: 100,
}

/** What each step of each task should be, told from its executions alone. */
export class Expectations {
  readonly #steps = new Map<string, Map<string, string>>()
  readonly #latest = new Map<string, string>()

  executionChanged({ after }: Change<ExecutionState>, restarted: ReadonlySet<string>): void {
    if (after === null) return
    const steps = this.#steps.get(after.task_id) ?? new Map<string, string>()
    this.#steps.set(after.task_id, steps)
    const skipped = after.status === 'completed' && after.execution_result?.skipped === true
    steps.set(after.execution_step, skipped ? 'skipped' : after.status)
    this.#latest.set(`${after.task_id}/${after.execution_step}`, after.execution_id)
    if (!restarted.has(after.task_id)) return
    const { execution_step: step } = after
    const dropped = isStep(step)
      ? STEPS.slice(STEPS.indexOf(step) + 1)
      : [...steps].filter(([, status]) => status !== 'completed' && status !== 'skipped').map(([name]) => name)
    for (const name of dropped) if (name !== step) steps.delete(name)
  }

  /** A step's status; null where none of its executions counts. */
  of(taskId: string, step: string): string | null {
    return this.#steps.get(taskId)?.get(step) ?? null
  }

  latest({ task_id, execution_step }: ExecutionState): string | undefined {
    return this.#latest.get(`${task_id}/${execution_step}`)
  }

  forget(taskId: string): void {
    this.#steps.delete(taskId)
  }
}

/** A task agrees with its executions, and its feed with it. */
export function checkTask(world: World, task: TaskState, expectations: Expectations): void {
  const { mirror } = world
  const flow = flowOf(world, task.id)
  const active = mirror.active(task.id)
  for (const step of flow?.map(({ name }) => name) ?? STEPS) {
    const expected = expectations.of(task.id, step)
    const found = task.step_status[step] ?? ''
    const fits = expected === null ? found === 'pending' || found === 'skipped' : sameStep(expected, found)
    if (!fits)
      world.violate('5-status', `${step} of ${task.id} is ${found}, its execution is ${expected ?? 'not there'}`)
  }
  if (active !== null) {
    const waits = active.admitted_at === null && task.status === 'pending'
    if (task.status !== 'in_progress' && !waits)
      world.violate('5-status', `${task.id} is ${task.status}, and ${active.execution_id} is ${active.status}`)
  } else if (flow === null) checkRest(world, task)
  if (flow === null) checkProgress(world, task, expectations)
  else checkFlow(world, task, flow, (node) => expectations.of(task.id, node))
  const ended = ['completed', 'failed', 'cancelled'].includes(task.status)
  if (ended !== (task.completed_at !== null))
    world.violate('5-status', `${task.id} is ${task.status}, its end is ${task.completed_at}`)
  checkFeed(world, task)
}

/** A pipeline of which nothing is under way. */
function checkRest(world: World, task: TaskState): void {
  const status = restingStatus(task)
  // Somebody may cancel a task of which nothing is under way, or that waits although an earlier step has failed.
  const givenUp =
    task.status === 'cancelled' &&
    world.clients.mayCancel &&
    ['pending', 'partial_completed', 'failed'].includes(status)
  if (task.status !== status && !givenUp)
    world.violate('5-status', `${task.id} is ${task.status}, its executions say ${status}`)
}

/** Never behind the steps that are done, never ahead of those that were begun; what a step had reached when it failed may stay. */
function checkProgress(world: World, task: TaskState, expectations: Expectations): void {
  const least = restingProgress(task)
  const begun = STEPS.filter((step) => expectations.of(task.id, step) !== null).map((step) => ENDS[step])
  const most = Math.max(least, ...begun)
  if (task.progress < least || task.progress > most) {
    world.violate('5-progress', `${task.id} is at ${task.progress} %, its steps say ${least} to ${most}`)
  }
}

/** While an execution changes hands, its step may already be told as the next of the two. */
function sameStep(expected: string, found: string): boolean {
  const underWay = ['queued', 'running']
  return expected === found || (underWay.includes(expected) && underWay.includes(found))
}

function checkFeed(world: World, task: TaskState): void {
  const { task_events: events } = world.mirror.tables
  if (task.event_seq === 0) return
  const last = events.get(`${task.id}/${task.event_seq}`)
  if (last === undefined || events.has(`${task.id}/${task.event_seq + 1}`)) {
    world.violate('events', `The feed of ${task.id} does not end with ${task.event_seq}`)
    return
  }
  const told = Object.keys(task.step_status).every((step) => last.data.step_status[step] === task.step_status[step])
  if (last.data.status !== task.status || last.data.progress !== task.progress || !told) {
    world.violate('events', `The feed of ${task.id} ends with something else than its row`)
  }
}

function restingStatus({ step_status }: TaskState): string {
  const statuses = STEPS.map((step) => step_status[step])
  if (statuses.includes('failed')) return 'failed'
  if (statuses.includes('cancelled')) return 'cancelled'
  if (statuses.every((status) => status === 'completed' || status === 'skipped')) return 'completed'
  return statuses.includes('completed') ? 'partial_completed' : 'pending'
}

function restingProgress({ step_status }: TaskState): number {
  let progress = 0
  for (const step of STEPS) {
    if (step_status[step] !== 'completed' && step_status[step] !== 'skipped') break
    progress = ENDS[step]
  }
  return progress
}
