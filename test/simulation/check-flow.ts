import { END, START } from '../../shared/engine/planned-workflow.ts'
import { flowOf, isBorder, isToBeSkipped } from './flow.ts'
import { type Change, type ExecutionState, isActive, type TaskState } from './mirror.ts'
import type { World } from './model.ts'
import type { Flow } from './plan.ts'

/** How each node of a task stands, told from its executions alone; null where none of them counts. */
export type StandingOf = (node: string) => string | null

/** What begins in the run of a workflow: its start beside nothing else, its end after everything else, no node after a failure. */
export function checkBegun(world: World, { before, after }: Change<ExecutionState>): void {
  if (before !== null || after === null || flowOf(world, after.task_id) === null) return
  const { execution_id: id, execution_step: step } = after
  const run = runOf(world, after)
  const failed = run.find(({ status }) => status === 'failed')
  if (failed !== undefined && !isBorder(step))
    world.violate('order', `${id} was begun, although ${failed.execution_id} has failed`)
  const beside = [...world.mirror.executions.values()].find(
    (other) => other.task_id === after.task_id && other.execution_id !== id && isActive(other),
  )
  if (isBorder(step) && beside !== undefined) world.violate('order', `${id} was begun beside ${beside.execution_id}`)
  if (run.some((one) => one.execution_step === END && one.execution_id !== id))
    world.violate('2-final', `${id} was begun after the end of its run`)
}

/** At every commit: nodes begin after those that they need and as soon as they may, and the run ends once, with the right status. */
export function checkFlow(world: World, task: TaskState, flow: Flow, standingOf: StandingOf): void {
  const start = [...world.mirror.executions.values()].findLast(
    (one) => one.task_id === task.id && one.execution_step === START,
  )
  if (start === undefined) return
  const run = runOf(world, start)
  const isDone = (name: string) => ['completed', 'skipped'].includes(standingOf(name) ?? '')
  for (const node of flow) {
    const { name } = node
    const begun = run.some((one) => one.execution_step === name)
    const missing = node.needs.find((needed) => !isDone(needed))
    if (begun && missing !== undefined)
      world.violate('order', `${name} of ${task.id} was begun before ${missing} ended`)
    const skipped = standingOf(name) === 'skipped'
    if (isDone(name) && skipped !== isToBeSkipped(flow, name))
      world.violate('order', `${name} of ${task.id} is ${standingOf(name)}, as its condition does not say`)
    const held = run.some(({ status }) => status === 'failed' || status === 'cancelled')
    if (start.status === 'completed' && !held && missing === undefined && !isDone(name) && !begun)
      world.violate('order', `${name} of ${task.id} is ready, and nobody has begun it`)
  }
  checkEnding(
    world,
    task,
    run,
    flow.every(({ name }) => isDone(name)),
  )
  const progress = Math.floor((100 * flow.filter(({ name }) => isDone(name)).length) / flow.length)
  if (task.progress !== progress)
    world.violate('5-progress', `${task.id} is at ${task.progress} %, its nodes say ${progress}`)
}

function checkEnding(world: World, task: TaskState, run: readonly ExecutionState[], allDone: boolean): void {
  const active = run.filter(isActive)
  const end = run.find(({ execution_step }) => execution_step === END)
  const failed = run.some(({ status }) => status === 'failed')
  const cancelled = run.some(({ status }) => status === 'cancelled')
  if (end !== undefined && !allDone && !failed)
    world.violate('order', `${end.execution_id} ends a run that is not over`)
  if (active.length > 0) return
  if (end === undefined && !cancelled) world.violate('order', `The run of ${task.id} is over, and nothing ends it`)
  // A run that is cancelled while nobody works it is so at once, whatever has failed in it before.
  const right = cancelled ? ['cancelled', ...(failed ? ['failed'] : [])] : [failed ? 'failed' : 'completed']
  if (!right.includes(task.status))
    world.violate('5-status', `${task.id} is ${task.status}, and its run has ended as ${right.join(' or ')}`)
}

function runOf(world: World, { run_id }: ExecutionState): ExecutionState[] {
  return [...world.mirror.executions.values()].filter((one) => one.run_id === run_id)
}
