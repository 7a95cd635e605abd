import type { Arguments } from './arguments.ts'
import { later } from './client.ts'
import type { Cluster } from './cluster.ts'
import type { Fleet, Member } from './fleet.ts'

/** What was done to the run. */
export interface Weather {
  kills: number
  restarts: number
  freezes: number
  /** Connections that fell silent, and answers that were lost after their commit. */
  halfOpen: number
  lostAnswers: number
}

export interface WeatherOptions {
  readonly fleet: Fleet
  readonly cluster: Cluster
  readonly given: Arguments
  readonly random: () => number
  readonly say: (text: string) => void
  /** Breaks everything off. */
  readonly signal: AbortSignal
}

const HALF_OPEN_ONE_IN = 4 // cuts; the others lose an answer
const LOST_MACHINE_ONE_IN = 5 // kills after which nobody comes back to what the process held
const FIRST_FREEZE_MS = 3_000
const BETWEEN_FREEZES_MS = 4_000
const FREEZE_MS_MAX = 75_000 // lease, a leader's term and a sweep
const HELD_MIN = 2 // executions in the hands of a runner that is to be frozen
const THAWED_MS = 3_000 // for its late reports, before it may be killed

const HELD = `
  select execution_id, claim
    from data_pipeline_task_executions
   where status = 'running' and lease_owner = $1 and heartbeat_at is not null and lease_expires_at > clock_timestamp()`

const SUPERSEDED = `
  select count(*)::int as superseded
    from data_pipeline_task_executions e
    join unnest($1::text[], $2::int[]) as held (execution_id, claim) using (execution_id)
   where e.claim > held.claim or e.status <> 'running'`

/** Weather that is under way. */
export interface Blowing {
  /** Resolves when every freeze is over. */
  readonly frozen: Promise<void>
  /** Ends it, the last cut in all wires included. @returns what was done in all */
  calm(): Promise<Weather>
}

/** Kills, restarts, freezes and cuts, each at its own pace, until it is told to calm down. */
export function blow(options: WeatherOptions): Blowing {
  const { fleet, cluster, given, random, say } = options
  const ending = new AbortController()
  const signal = AbortSignal.any([options.signal, ending.signal])
  const weather: Weather = { kills: 0, restarts: 0, freezes: 0, halfOpen: 0, lostAnswers: 0 }
  const living = () => fleet.members.filter(({ url, spared }) => url !== null && !spared)

  const kills = every(given.killEveryMs, signal, async () => {
    // Somebody must be left to work: on a busy machine it takes longer to start a runner than to kill one.
    const victim = living().length < 2 ? undefined : pick(living(), random)
    if (victim === undefined) return
    weather.kills += 1
    fleet.kill(victim, weather.kills % LOST_MACHINE_ONE_IN === 0)
  })
  const restarts = every(given.restartEveryMs, signal, async () => {
    const mode = weather.restarts % 2 === 0 ? 'fast' : 'immediate'
    weather.restarts += 1
    say(`server restarts (${mode})`)
    await cluster.restart(mode)
  })
  let turn = 0
  const cuts = every(given.cutEveryMs, signal, async () => {
    const victim = pick(living(), random)
    if (victim === undefined) return
    turn += 1
    if (turn % HALF_OPEN_ONE_IN === 0) weather.halfOpen += victim.proxy.halfOpen()
    else victim.proxy.loseAnswer()
  })
  const frozen = (async () => {
    await later(FIRST_FREEZE_MS, signal)
    for (let n = 0; n < given.freezes && !signal.aborted; n++) {
      if (await freeze(options)) weather.freezes += 1
      await later(BETWEEN_FREEZES_MS, signal)
    }
  })()
  return {
    frozen,
    calm: async () => {
      ending.abort()
      await Promise.all([kills, restarts, cuts, frozen])
      // Nobody kills a runner from now on: it must notice by itself that nothing comes back on these.
      if (given.cutEveryMs > 0) for (const { proxy } of fleet.members) weather.halfOpen += proxy.halfOpen()
      weather.lostAnswers = fleet.members.reduce((sum, { proxy }) => sum + proxy.lost, 0)
      return weather
    },
  }
}

/** Freezes a runner that holds executions until others hold them, so that it wakes up with late reports. */
async function freeze({ fleet, cluster, random, say, signal }: WeatherOptions): Promise<boolean> {
  while (!signal.aborted) {
    const found = await holder(fleet, cluster, random)
    if (found === null) {
      await later(100, signal)
      continue
    }
    const { member, url, workerId } = found
    fleet.freeze(member)
    const begun = Date.now()
    // Read after it has stopped: what it holds now it will hold when it wakes.
    const held = await cluster.query<{ execution_id: string; claim: number }>(HELD, [workerId])
    const claims = [held.map(({ execution_id }) => execution_id), held.map(({ claim }) => claim)]
    for (let superseded = 0; superseded < held.length && Date.now() - begun < FREEZE_MS_MAX && !signal.aborted; ) {
      await later(500, signal)
      superseded = (await cluster.query<{ superseded: number }>(SUPERSEDED, claims))[0]?.superseded ?? 0
    }
    say(`${member.name} was frozen for ${seconds(Date.now() - begun)} s with ${held.length} executions in its hands`)
    fleet.thaw(member, url)
    await later(THAWED_MS, signal)
    member.spared = false
    return true
  }
  return false
}

async function holder(fleet: Fleet, cluster: Cluster, random: () => number) {
  const member = pick(
    fleet.members.filter(({ url }) => url !== null),
    random,
  )
  if (member === undefined || member.workerId === null || member.url === null) return null
  const { url, workerId } = member
  member.spared = true
  const held = await cluster.query(HELD, [workerId])
  if (held.length >= HELD_MIN && member.url === url && member.workerId === workerId) return { member, url, workerId }
  member.spared = false
  return null
}

async function every(ms: number, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  if (ms === 0) return
  await later(ms, signal)
  while (!signal.aborted) {
    const begun = Date.now()
    await work()
    await later(Math.max(0, ms - (Date.now() - begun)), signal)
  }
}

function pick(members: readonly Member[], random: () => number): Member | undefined {
  return members[Math.floor(random() * members.length)]
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(0)
}
