import { callScheduled } from '../../functions/triggers.ts'
import { SCHEDULED } from '../../scheduled/manifest.ts'
import { findUnclaimed } from '../../shared/engine/unclaimed.ts'
import { OF_CALL, OF_PROCESS, OF_SEND } from './faults.ts'
import type { Call, Runner, Sleeper, World } from './model.ts'
import type { FaultKind } from './plan.ts'
import { refusal } from './ports.ts'

/** One thing that may happen next. */
export interface Action {
  readonly label: string
  readonly weight: number
  /** What may go wrong with it. */
  readonly faults: readonly FaultKind[]
  readonly isCall?: boolean
  readonly perform: (fault: FaultKind | null) => void
}

const CRON_MS = 60_000
const FREEZE_MS_MAX = 200_000

/** Everything that may happen now. */
export function optionsOf(world: World): Action[] {
  const options: Action[] = []
  for (const call of world.calls) if (mayGo(world, call)) options.push(callAction(world, call))
  for (const sleeper of world.sleepers) {
    const { runner } = sleeper.invocation
    if (sleeper.dueAt <= world.now && runner.frozenUntil <= world.now) options.push(wakeAction(world, sleeper))
  }
  for (const runner of world.runners) {
    if (!runner.alive && runner.restartAt <= world.now) {
      options.push({ label: `${runner.number} starts`, weight: 1, faults: [], perform: () => runner.boot() })
    }
    for (const invocation of runner.invocations) {
      if (invocation.deadlineAt === null || invocation.deadlineAt > world.now) continue
      const label = `${name(runner)} ${invocation.label} runs out of time`
      options.push({ label, weight: 100, faults: [], perform: () => runner.crash(invocation) })
    }
  }
  options.push(...deliveries(world), ...clockwork(world))
  return options
}

function mayGo(world: World, call: Call): boolean {
  if (call.notBefore > world.now || call.invocation.runner.frozenUntil > world.now) return false
  return call.kind !== 'store' || call.transaction === world.transaction
}

function name(runner: Runner): string {
  return runner.workerId
}

function callAction(world: World, call: Call): Action {
  const { runner } = call.invocation
  return {
    label: `${name(runner)} ${call.invocation.label}: ${call.label}`,
    weight: 1,
    isCall: true,
    faults: call.kind === 'queue' ? OF_SEND : OF_CALL,
    perform: (fault) => letThrough(world, call, fault),
  }
}

function letThrough(world: World, call: Call, fault: FaultKind | null): void {
  const { invocation, kind } = call
  const { runner } = invocation
  world.count('calls')
  if (fault === 'stall') {
    const longest = call.transaction === null ? 45_000 : 1_500
    call.notBefore = world.now + world.draws.whole(100, longest)
    return
  }
  if (strikeBefore(world, invocation, fault)) return
  world.calls.splice(world.calls.indexOf(call), 1)
  if (fault !== null) runner.troubled = true
  if (fault === 'refuse' || (fault === 'cut' && call.transaction !== null && call.label !== 'tx commit')) {
    if (call.transaction !== null) world.rollBack()
    call.reject(refusal(kind))
    return
  }
  const outcome = attempt(call, fault)
  world.note(outcome.ok ? `= ${answerText(outcome.value)}` : `= ${String(outcome.error)}`)
  if (fault === 'crash-after') {
    runner.crash(invocation)
    return
  }
  if (fault === 'kill-after') {
    runner.kill()
    return
  }
  if (fault === 'cut') {
    if (call.label === 'begin') world.rollBack()
    call.reject(refusal(kind))
    return
  }
  if (outcome.ok) call.resolve(outcome.value)
  else call.reject(outcome.error)
}

/** What hits a process before it goes on. @returns whether it was hit, and doesn't go on now */
function strikeBefore(world: World, invocation: Call['invocation'], fault: FaultKind | null): boolean {
  const { runner } = invocation
  if (fault === 'freeze') freeze(world, runner)
  else if (fault === 'stop') runner.stop()
  else if (fault === 'crash-before') runner.crash(invocation)
  else if (fault === 'kill-before') runner.kill()
  else return false
  return true
}

function attempt(call: Call, fault: FaultKind | null): { ok: true; value: unknown } | { ok: false; error: unknown } {
  try {
    return { ok: true, value: call.perform(fault) }
  } catch (error) {
    return { ok: false, error }
  }
}

function answerText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  return 'rowCount' in value ? `${String(value.rowCount)} rows` : 'done'
}

/** Nothing of the process goes on for a while; not while it holds the store's one connection, which nobody would free. */
function freeze(world: World, runner: Runner): void {
  if (world.transaction?.invocation.runner === runner) return
  const untilTick = world.nextCronAt - world.now + world.draws.one([0, CRON_MS]) + world.draws.whole(-10, 90)
  const untilSeen = 'until seen'
  const time = world.draws.one([2_000, 20_000, 40_000, 70_000, FREEZE_MS_MAX, untilTick, untilSeen] as const)
  if (time === untilSeen) runner.freeze(FREEZE_MS_MAX, true)
  else runner.freeze(Math.max(1, time))
}

function wakeAction(world: World, sleeper: Sleeper): Action {
  const { runner } = sleeper.invocation
  return {
    label: `${name(runner)} ${sleeper.invocation.label}: wakes`,
    weight: 1,
    faults: OF_PROCESS,
    perform: (fault) => {
      // Nothing is done by waking up: a crash after it is one before it.
      const before = fault === 'crash-after' ? 'crash-before' : fault === 'kill-after' ? 'kill-before' : fault
      if (!strikeBefore(world, sleeper.invocation, before)) sleeper.wake()
    },
  }
}

function deliveries(world: World): Action[] {
  const takers = world.runners.filter((runner) => runner.hasRoom)
  if (takers.length === 0 || world.broker.nextAt > world.now) return []
  const runner = world.draws.one(takers)
  return [
    {
      label: `${name(runner)} is given a message`,
      weight: 1,
      faults: ['redeliver'],
      perform: (fault) => void world.broker.deliver(runner, fault),
    },
  ]
}

/** What comes by itself: ticks, requests, a look for unclaimed work. */
function clockwork(world: World): Action[] {
  const ready = world.runners.filter((runner) => runner.ready)
  const actions: Action[] = []
  if (ready.length === 0) return actions
  if (world.nextCronAt <= world.now) {
    actions.push({
      label: 'tick',
      weight: 1,
      faults: ['miss-tick', 'double-tick'],
      perform: (fault) => {
        world.nextCronAt = world.now + CRON_MS
        if (fault === 'miss-tick') return
        for (let time = 0; time < (fault === 'double-tick' ? 2 : 1); time += 1) tick(world, world.draws.one(ready))
      },
    })
  }
  if (world.clients.left > 0 && world.clients.nextAt <= world.now) {
    actions.push({
      label: 'request',
      weight: 1,
      faults: [],
      perform: () => world.clients.next(world.draws.one(ready)),
    })
  }
  const helper = world.draws.one(ready)
  if (world.plan.helps && !world.calm && helper.hasRoom && world.draws.chance(0.02)) {
    actions.push({ label: `${name(helper)} helps`, weight: 1, faults: [], perform: () => help(world, helper) })
  }
  return actions
}

// The others look after what is not simulated: their tables are neither watched nor emptied between two worlds.
const SWEEP = SCHEDULED.filter((scheduled) => scheduled.name === 'sweep-zombies')

function tick(world: World, runner: Runner): void {
  world.count('ticks')
  runner.start('tick', async (platform) => {
    for (const definition of SWEEP) await callScheduled(definition, platform)
  })
}

/** As a local runner looks for work that others have no room for. */
function help(world: World, runner: Runner): void {
  world.count('helps')
  runner.start('help', async (platform) => {
    try {
      const found = await findUnclaimed(platform.store, platform.clock.now(), 2)
      for (const message of found) await platform.queue.send(message)
    } catch {
      world.count('helps in vain')
    }
  })
}
