import { type Change, type ExecutionState, isActive, type LeadState, timeOf } from './mirror.ts'
import type { World } from './model.ts'

/** How many are let in at once, of all and of one key. */
export function checkLimits(world: World): void {
  const { plan, mirror } = world
  const keys = new Map<string, Set<string>>()
  const admitted = new Set<string>()
  let waiting: ExecutionState | null = null
  for (const execution of mirror.executions.values()) {
    if (!isActive(execution)) continue
    if (execution.admitted_at === null) {
      waiting = execution
      continue
    }
    const key = mirror.tasks.get(execution.task_id)?.concurrency_key ?? ''
    keys.set(key, (keys.get(key) ?? new Set()).add(execution.task_id))
    admitted.add(execution.task_id) // nodes of a workflow run side by side
  }
  if (plan.mode === 'serial' && waiting !== null)
    world.violate('4-limit', `${waiting.execution_id} waits, although a second task is to be refused`)
  const limit = plan.mode === 'serial' ? 1 : plan.runningMax
  if (admitted.size > limit) world.violate('4-limit', `${admitted.size} tasks run at once, at most ${limit}`)
  const crowded = [...keys].find(([, { size }]) => size > 1)
  if (plan.mode === 'mixed' && crowded !== undefined) {
    world.violate('4-limit', `${crowded[1].size} tasks of the key "${crowded[0]}" run at once`)
  }
}

/** Nobody is let in before somebody better who could have been; and only under the schedule's lock. */
export function checkOrder(world: World, changes: readonly Change<ExecutionState>[]): void {
  const { mirror } = world
  const admitted = changes.filter(({ before, after }) => after?.admitted_at != null && before?.admitted_at == null)
  const let_in = admitted.filter(({ before, after }) => before !== null || !isHandOff(world, after))
  if (let_in.length === 0) return
  const busy = new Set<string>()
  const waiting: ExecutionState[] = []
  for (const execution of mirror.executions.values()) {
    if (!isActive(execution)) continue
    if (execution.admitted_at !== null) busy.add(mirror.tasks.get(execution.task_id)?.concurrency_key ?? '')
    else waiting.push(execution)
  }
  for (const { before, after, locked } of let_in) {
    if (after === null) continue
    // Those that were accepted by the same statement came after it.
    const later = before === null ? changes.filter((one) => one.before === null).map((one) => one.after?.id) : []
    world.count('admissions')
    if (!locked) world.violate('4-limit', `${after.execution_id} was let in without the schedule's lock`)
    const better = waiting.find((other) => {
      if (other.id > after.id && later.includes(other.id)) return false
      const key = mirror.tasks.get(other.task_id)?.concurrency_key ?? ''
      const own = mirror.tasks.get(after.task_id)?.concurrency_key
      return precedes(world, other, after) && (world.plan.mode !== 'mixed' || key === own || !busy.has(key))
    })
    if (better !== undefined) world.violate('4-order', `${after.execution_id} was let in before ${better.execution_id}`)
  }
}

/** Whoever makes room lets the next one in: nobody is left waiting who has room. */
export function checkRoom(world: World): void {
  const { plan, mirror } = world
  const active = [...mirror.executions.values()].filter(isActive)
  const admitted = active.filter(({ admitted_at }) => admitted_at !== null)
  const underWay = new Set(admitted.map(({ task_id }) => task_id)) // nodes of a workflow run side by side
  if (underWay.size >= (plan.mode === 'serial' ? 1 : plan.runningMax)) return
  const keyOf = ({ task_id }: ExecutionState) => mirror.tasks.get(task_id)?.concurrency_key
  const busy = new Set(plan.mode === 'mixed' ? admitted.map(keyOf) : [])
  const left = active.find((one) => one.admitted_at === null && !busy.has(keyOf(one)))
  if (left !== undefined) world.violate('4-order', `${left.execution_id} is left waiting, although there is room`)
}

/** Nobody leads while somebody else does. */
export function checkLead(world: World, { before, after }: Change<LeadState>): void {
  if (before === null || after === null || before.owner === after.owner) return
  if (timeOf(before.expires_at) > world.now + world.plan.skewMs)
    world.violate('leader', `${after.owner} leads ${after.name}, which ${before.owner} has until ${before.expires_at}`)
  if (after.epoch !== before.epoch + 1)
    world.violate('leader', `The epoch of ${after.name} went from ${before.epoch} to ${after.epoch}`)
}

function isHandOff(world: World, execution: ExecutionState | null): boolean {
  for (const other of world.mirror.executions.values()) {
    if (other.run_id === execution?.run_id && other.execution_id !== execution.execution_id) return true
  }
  return false
}

function precedes(world: World, one: ExecutionState, other: ExecutionState): boolean {
  const { tasks } = world.mirror
  const apart = (tasks.get(other.task_id)?.priority ?? 0) - (tasks.get(one.task_id)?.priority ?? 0)
  if (apart !== 0) return apart < 0
  const age = timeOf(one.created_at) - timeOf(other.created_at)
  return age === 0 ? one.id < other.id : age < 0
}
