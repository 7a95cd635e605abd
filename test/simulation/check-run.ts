import { isStep, STEPS, type StepName } from '../../shared/engine/pipeline.ts'
import { flowOf } from './flow.ts'
import { type Change, type ExecutionState, isActive } from './mirror.ts'
import type { World } from './model.ts'
import type { RequestKind } from './plan.ts'
import { fileOf, itemsOf, runName } from './work.ts'

const PRECISION = 0.0001 // of a share, as the store keeps it
const SPAN: Readonly<Record<StepName, readonly [from: number, to: number]>> = {
  ddl_generation: [0, 40],
  qa_generation: [40, 70],
  sql_validation: [70, 90],
  training_load: [90, 100],
}

/** A run goes through the steps in their order: whoever completes one that others follow starts the next with it. */
export function checkRuns(world: World, changes: readonly Change<ExecutionState>[]): void {
  for (const { before, after } of changes) {
    if (after === null || flowOf(world, after.task_id) !== null) continue
    if (before === null) {
      const former = changes.findLast(
        ({ after: other }) => other?.run_id === after.run_id && other.id < after.id,
      )?.after
      if (former === undefined || former === null) checkStart(world, after)
      else checkFollower(world, former, after)
    }
    if (before?.status !== 'completed' && after.status === 'completed' && after.remaining_steps.length > 0) {
      const followed = changes.some(
        (other) => other.before === null && other.after?.run_id === after.run_id && other.after.id > after.id,
      )
      if (!followed) world.violate('order', `Nothing follows ${after.execution_id}: ${after.remaining_steps} are left`)
    }
  }
}

function checkFollower(world: World, former: ExecutionState, after: ExecutionState): void {
  const [next, ...rest] = former.remaining_steps
  if (former.status !== 'completed')
    world.violate('order', `${after.execution_id} follows ${former.execution_id}, which is ${former.status}`)
  if (next !== after.execution_step || rest.join() !== after.remaining_steps.join())
    world.violate('order', `${after.execution_id} follows ${former.execution_id}, after which comes ${next}`)
}

function checkStart(world: World, { execution_id: id, ...execution }: ExecutionState): void {
  const { task_id, execution_step: step, force_executed, clean_previous } = execution
  const steps = world.mirror.tasks.get(task_id)?.step_status
  if (steps === undefined || !isStep(step)) return
  const needed = STEPS.slice(0, STEPS.indexOf(step)).findLast((earlier) => steps[earlier] !== 'skipped')
  if (needed !== undefined && steps[needed] !== 'completed' && !force_executed)
    world.violate('order', `${id} was started, and ${needed} is ${steps[needed]}`)
  const later = STEPS.slice(STEPS.indexOf(step) + 1).filter((one) => steps[one] !== 'skipped')
  world.starts.set(execution.run_id, later)
  const others = [...world.mirror.executions.values()].filter((one) => one.task_id === task_id && isActive(one))
  if (others.length > 1) world.violate('order', `${id} was started beside ${others[0]?.execution_id}`)
  if (!clean_previous) return
  const old = [...world.mirror.outputs.values()].find((one) => one.task_id === task_id && one.step_name === step)
  if (old !== undefined) world.violate('clean', `${id} was to begin without old files, but there is ${old.file_name}`)
}

/** What somebody was told to be under way: that step alone, or everything that is left. */
export function checkAccepted(world: World, kind: RequestKind, id: string): void {
  const started = [...world.mirror.executions.values()].filter((one) => one.execution_id === id || one.run_id === id)
  const [first] = started.toSorted((one, other) => one.id - other.id)
  if (first === undefined) return
  const wanted = kind === 'execute' ? [] : (world.starts.get(first.run_id) ?? [])
  if (first.remaining_steps.join() !== wanted.join())
    world.violate('order', `After ${kind} ${id} is to be followed by ${first.remaining_steps}, not by ${wanted}`)
}

/** Where nothing went wrong, a step that began anew has left nothing of an older run. */
export function checkCleaned(world: World, { task_id, execution_id, execution_step: step }: ExecutionState): void {
  const own = fileOf(step, runName(execution_id))
  const [head = '', tail = ''] = fileOf(step, '|').split('|')
  for (const key of world.files.keys()) {
    const name = key.slice(task_id.length + 1)
    const old = name.startsWith(`${head}run`) && name.endsWith(tail) && name !== own
    if (key.startsWith(`${task_id}/`) && old) world.violate('clean', `${execution_id} has left ${name}`)
  }
}

/** What is told of a step while it runs: no more than was begun, and no less than is saved. */
export function checkShare(world: World, execution: ExecutionState, saving: boolean): void {
  const { task_id, execution_step: step, execution_id: id, claim, progress } = execution
  const total = itemsOf(world, task_id, step).length
  const saved = world.mirror.saved(task_id, step)
  const begun = new Set([...saved, ...(world.ledger.find(id, claim)?.items.keys() ?? [])])
  if (progress > begun.size / Math.max(1, total) + PRECISION)
    world.violate('5-progress', `${id} tells ${progress} of ${total} items, of which ${begun.size} were begun`)
  if (!saving) return
  const least = saved.length / Math.max(1, total)
  const [from, to] = isStep(step) ? SPAN[step] : [0, 0]
  const percent = world.mirror.tasks.get(task_id)?.progress ?? 0
  if (progress < least - PRECISION || percent < Math.floor(from + (to - from) * least - PRECISION))
    world.violate(
      '5-progress',
      `${id} tells ${progress}, its task ${percent} %, when ${saved.length} of ${total} are saved`,
    )
}
