import { checkAttempt } from './check-attempt.ts'
import { type Change, type ExecutionState, isActive, type OutputState, timeOf } from './mirror.ts'
import type { Runner, World } from './model.ts'
import { hashOf } from './ports.ts'

const LEASE_MS_MAX = 30_000 // as the specification has it

// The simulator's own table: the engine's is what is being tested.
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  queued: ['queued', 'running', 'failed', 'cancelled'],
  running: ['running', 'queued', 'completed', 'failed', 'cancelled'],
  completed: [],
  failed: [],
  cancelled: [],
}

/** What one commit did to one execution. */
export function checkExecution(world: World, { before, after }: Change<ExecutionState>, runner: Runner): void {
  if (after === null) return
  const id = after.execution_id
  if (after.status === 'running' && after.heartbeat_at !== null)
    world.ledger.held(id, after.attempt, timeOf(after.heartbeat_at) - runner.skewMs)
  if (before === null) {
    world.ledger.inserted(after, runner.workerId)
    world.count(after.status === 'running' ? 'hand-offs' : after.status === 'completed' ? 'folded' : 'starts')
    if (after.status === 'completed') checkCompletion(world, after, after)
    else if (!isActive(after)) world.violate('2-final', `${id} began as ${after.status}`)
    checkHold(world, null, after, runner)
    return
  }
  if (ARROWS[before.status]?.includes(after.status) !== true) {
    world.violate('2-final', `${id} went from ${before.status} to ${after.status}`)
  }
  if (before.status !== after.status) world.count(`${before.status} to ${after.status}`)
  checkAttempt(world, before, after, runner)
  checkHold(world, before, after, runner)
  checkLease(world, before, after, runner)
  if (before.status !== 'completed' && after.status === 'completed') checkCompletion(world, before, after)
  if (before.cancel_requested_at !== null && after.status === 'queued') {
    world.violate('5-status', `${id} is to go on, although it was to be cancelled`)
  }
  if (!isActive(before)) world.violate('2-final', `${id} was changed after it was ${before.status}`)
}

/** An execution that is over holds nothing; one that runs was let in, and its lease is a short one. */
function checkHold(world: World, before: ExecutionState | null, after: ExecutionState, runner: Runner): void {
  const { execution_id: id, status } = after
  const over = !isActive(after)
  if (over !== (after.completed_at !== null))
    world.violate('5-status', `${id} is ${status}, its end ${after.completed_at}`)
  if (over && after.lease_owner !== null)
    world.violate('4-lease', `${id} is ${status}, and ${after.lease_owner} holds it`)
  if (status === 'running' && after.admitted_at === null) world.violate('4-limit', `${id} runs without being let in`)
  const left = timeOf(after.lease_expires_at) - world.now - runner.skewMs
  const extended = after.lease_expires_at !== before?.lease_expires_at
  if (extended && left > LEASE_MS_MAX) world.violate('4-lease', `The lease of ${id} runs for ${left} ms`)
}

/** Who may touch a lease: its holder, or anybody once it has lapsed by the clock of whoever takes it. */
function checkLease(world: World, before: ExecutionState, after: ExecutionState, runner: Runner): void {
  const id = after.execution_id
  const now = world.now + runner.skewMs
  const live = before.status === 'running' && before.lease_owner !== null && timeOf(before.lease_expires_at) > now
  const foreign = before.lease_owner !== runner.workerId
  const moved =
    after.claim !== before.claim || after.lease_owner !== before.lease_owner || after.status !== before.status
  const asked = after.cancel_requested_at !== null && before.heartbeat_at === null && after.status === 'cancelled'
  if (
    live &&
    foreign &&
    moved &&
    !asked &&
    !gone(world, before) &&
    !(after.status === 'cancelled' && before.heartbeat_at === null)
  ) {
    world.violate('4-lease', `${runner.workerId} took ${id} from ${before.lease_owner}, whose lease is live`)
  }
  if (
    foreign &&
    before.lease_owner !== null &&
    after.lease_owner === before.lease_owner &&
    timeOf(after.lease_expires_at) > timeOf(before.lease_expires_at)
  ) {
    world.violate('4-lease', `${runner.workerId} extended the lease of ${before.lease_owner} on ${id}`)
  }
  if (
    live &&
    foreign &&
    timeOf(after.lease_expires_at) < timeOf(before.lease_expires_at) &&
    after.status === 'running' &&
    !gone(world, before)
  ) {
    world.violate('4-lease', `${runner.workerId} cut short the lease of ${before.lease_owner} on ${id}`)
  }
  if (foreign && before.lease_owner !== null && before.status !== after.status && after.claim === before.claim) {
    world.violate(
      '2-fenced',
      `${runner.workerId} ended claim ${before.claim} of ${id} for ${before.lease_owner} without fencing it`,
    )
  }
  if (after.claim > before.claim && before.lease_owner !== null && before.status === 'running') {
    world.count(foreign ? 'takeovers' : 'hand-offs taken')
  }
}

/** Whether a lease's owner is a process that is no more. */
function gone(world: World, { lease_owner }: ExecutionState): boolean {
  return world.runners.every((runner) => !runner.alive || runner.workerId !== lease_owner)
}

/** Completed by the one who worked it to the end, and with everything it was to have. */
function checkCompletion(world: World, before: ExecutionState, after: ExecutionState): void {
  const { execution_id: id, claim, execution_result: result } = after
  const returned = world.ledger.find(id, before.claim)?.returned
  if (claim !== before.claim) world.violate('2-fenced', `${id} was completed under another claim than it was worked`)
  if (returned === undefined || returned === null)
    world.violate('2-once', `${id} was completed by claim ${before.claim}, which never came to its end`)
  else if (result?.total !== returned.total || result?.claim !== claim)
    world.violate('2-once', `${id} has another result than its work gave`)
  const unsaved = returned?.items.find(
    (item) => !world.mirror.checkpoints.has(`${after.task_id}/${after.execution_step}/${item}`),
  )
  if (unsaved !== undefined) world.violate('6-checkpoint', `${id} was completed without a checkpoint of ${unsaved}`)
  checkOutputs(world, after)
}

/** What a completed execution promised is there, in the table and in the files. */
export function checkOutputs(world: World, { execution_id, execution_step, task_id, claim }: ExecutionState): void {
  const returned = world.ledger.find(execution_id, claim)?.returned
  for (const name of returned?.required ?? []) {
    const row = world.mirror.outputs.get(`${task_id}/${name}`)
    const file = world.files.get(`${task_id}/${name}`)
    if (row === undefined) world.violate('3-outputs', `${name} of ${execution_id} is not in the table`)
    else if (row.step_name !== execution_step)
      world.violate('3-outputs', `${name} belongs to the step ${row.step_name}`)
    else if (file === undefined) world.violate('3-outputs', `${name} of ${execution_id} is not among the files`)
    else if (row.content_hash !== hashOf(file.bytes) || row.file_size !== file.bytes.length) {
      world.violate('3-outputs', `${name} of ${execution_id} has another content than the table says`)
    }
  }
}

/** Where nothing went wrong, every row of a step that is completed tells of a file that is so. */
export function checkRow(world: World, { task_id, step_name, file_name, content_hash }: OutputState): void {
  if (step_name !== null && world.mirror.tasks.get(task_id)?.step_status[step_name] !== 'completed') return
  const file = world.files.get(`${task_id}/${file_name}`)
  const fits = file !== undefined && content_hash === hashOf(file.bytes)
  if (content_hash !== null && !fits) world.violate('3-outputs', `${file_name} of ${task_id} is not as the table says`)
}

/** Remembers the message that a commit leaves to be sent: an execution now waits for it, and nobody else knows. */
export function promise({ before, after }: Change<ExecutionState>, { promised }: Runner): void {
  if (after === null || after.admitted_at === null || after.lease_owner !== null || !isActive(after)) return
  const waited =
    before !== null && before.admitted_at !== null && before.lease_owner === null && before.heartbeat_at === null
  if (!waited || before.claim !== after.claim) promised.add(`${after.execution_id} ${after.claim}`)
}
