import { type ExecutionState, isActive, timeOf } from './mirror.ts'
import type { Runner, Turn, World } from './model.ts'

const BACKOFF_BASE_MS = 1_000 // as the specification has it: doubled with each failure, drawn from nothing up to that
const BACKOFF_MS_MAX = 60_000
const ROUNDING_MS = 1_000
const INSTANT_RETRIES_MAX = 2 // that a draw is zero happens once in a thousand times

/** Claims, attempts, and when the next one may begin. */
export function checkAttempt(world: World, before: ExecutionState, after: ExecutionState, runner: Runner): void {
  checkCounters(world, before, after)
  if (before.status === 'queued' && after.status === 'running' && after.claim > before.claim) {
    const early = timeOf(before.available_at) - world.now - runner.skewMs
    if (before.cancel_requested_at !== null)
      world.violate('5-cancel', `${after.execution_id} was claimed, although it was to be cancelled`)
    if (early > 0) world.violate('attempts', `${after.execution_id} was claimed ${early} ms before its time`)
  }
  if (before.status !== 'running') return
  const held = before.lease_owner !== null && before.heartbeat_at !== null
  if (held && after.claim > before.claim && world.quiet) {
    world.violate('quiet', `${before.lease_owner} was taken for dead, although nothing went wrong`)
  }
  if (after.status === 'running') checkReport(world, before, after, runner)
  else if (after.claim > before.claim) checkTakeover(world, before, after)
  else if (before.lease_owner === runner.workerId) checkEnd(world, before, after, runner)
}

function checkCounters(world: World, before: ExecutionState, after: ExecutionState): void {
  const id = after.execution_id
  if (after.claim < before.claim || after.claim > before.claim + 1) {
    world.violate('2-fenced', `The claim of ${id} went from ${before.claim} to ${after.claim}`)
  }
  if (after.attempt < before.attempt || after.attempt > before.attempt + 1) {
    world.violate('attempts', `The attempts of ${id} went from ${before.attempt} to ${after.attempt}`)
  }
  if (after.attempt > after.max_attempts || (after.status === 'queued' && after.attempt >= after.max_attempts)) {
    world.violate('attempts', `${id} has ${after.attempt} attempts behind it, at most ${after.max_attempts}`)
  }
}

/** A worker that has reported knows of a cancellation, unless the answer was lost. */
function checkReport(world: World, before: ExecutionState, after: ExecutionState, runner: Runner): void {
  if (before.cancel_requested_at === null && after.cancel_requested_at !== null && before.heartbeat_at === null) {
    world.violate('5-cancel', `${after.execution_id} is to be cancelled by a worker that it does not have`)
  }
  const turn = world.ledger.find(after.execution_id, after.claim)
  const reported = before.lease_owner === runner.workerId && after.lease_expires_at !== before.lease_expires_at
  if (turn !== undefined && reported && before.cancel_requested_at !== null && !runner.troubled) turn.toldToStop = true
}

/** A worker that is gone costs an attempt, and only the last one is the end. */
function checkTakeover(world: World, before: ExecutionState, after: ExecutionState): void {
  const id = after.execution_id
  if (after.status === 'queued' && after.attempt !== before.attempt + 1) {
    world.violate('attempts', `${id} was taken over, and its attempts are still ${after.attempt}`)
  }
  if (after.status === 'failed' && before.attempt + 1 < before.max_attempts) {
    world.violate('attempts', `${id} failed after ${before.attempt + 1} of ${before.max_attempts} attempts`)
  }
  if (after.status === 'completed') world.violate('2-once', `${id} was completed by somebody who did not work it`)
  if (after.status === 'queued') checkDelay(world, after)
}

/** How the worker that holds an execution ends it agrees with what it did. */
function checkEnd(world: World, before: ExecutionState, after: ExecutionState, runner: Runner): void {
  const { execution_id: id, status, error_code: code } = after
  const turn = world.ledger.find(id, before.claim)
  const problem = turn?.problem ?? null
  const failed = status === 'failed' || (status === 'queued' && after.attempt > before.attempt)
  if (status === 'cancelled' && after.cancel_requested_at === null && before.heartbeat_at !== null) {
    world.violate('5-cancel', `${id} was cancelled, which nobody had asked for`)
  }
  if (status === 'queued' && problem !== null && !failed) {
    world.violate('attempts', `${id} failed with ${problem.code}, and its attempts are still ${after.attempt}`)
  }
  if (failed && problem?.code === code) {
    const again = problem?.retryable === true && before.attempt + 1 < before.max_attempts
    if (again !== (status === 'queued'))
      world.violate('attempts', `After ${code} in attempt ${before.attempt + 1} ${id} is ${status}`)
  }
  if (failed && problem === null && world.quiet && code !== 'step_timeout') {
    world.violate('quiet', `${id} failed with ${code}, although nothing went wrong`)
  }
  if (failed && code === 'step_timeout') checkTimeout(world, before, turn, runner)
  if (status === 'queued' && failed) checkDelay(world, after)
}

function checkTimeout(world: World, before: ExecutionState, turn: Turn | undefined, runner: Runner): void {
  const began = turn === undefined ? null : world.ledger.attemptBegan(before.execution_id, turn.attempt)
  const took = began === null ? 0 : world.now - began
  if (took + 2 * world.plan.skewMs + ROUNDING_MS < before.timeout_ms) {
    world.violate('timeout', `${before.execution_id} on ${runner.workerId} timed out after ${took} ms`)
  }
}

/** Full jitter: anything from nothing up to a limit that doubles. Never to wait is no jitter. */
function checkDelay(world: World, after: ExecutionState): void {
  const task = world.mirror.tasks.get(after.task_id)
  const event = world.mirror.tables.task_events.get(`${after.task_id}/${task?.event_seq}`)
  if (event === undefined) return
  const delayMs = timeOf(after.available_at) - timeOf(event.created_at)
  const longest = Math.min(BACKOFF_MS_MAX, BACKOFF_BASE_MS * 2 ** (after.attempt - 1))
  if (delayMs > longest) world.violate('attempts', `${after.execution_id} waits for ${delayMs} ms, at most ${longest}`)
  const first = after.attempt === 1 && after.error_code === 'step_timeout'
  // Less than nothing: it was drawn before a write that took its time, and has been waited for already.
  if (delayMs !== 0 || first || !isActive(after)) return
  world.count('instant retries')
  if ((world.counts['instant retries'] ?? 0) > INSTANT_RETRIES_MAX)
    world.violate('attempts', `${after.execution_id} is one of several that were tried again at once`)
}
