import { setMaxListeners } from 'node:events'
import cron from 'node-cron'
import { callScheduled } from '../../functions/triggers.ts'
import type { ScheduledDefinition } from '../../scheduled/manifest.ts'
import type { Clock } from '../../shared/platform/clock.ts'
import { breachText, ENVELOPE } from '../../shared/platform/envelope.ts'
import type { Platform } from '../../shared/platform/platform.ts'
import { PlatformLayer } from '../../shared/platform/platform-layer.ts'
import type { AdjustableClock } from '../clock/adjustable-clock.ts'
import type { Call } from '../control/invocations.ts'
import type { Faults } from '../faults/faults.ts'
import { skewedClock } from '../faults/skewed-clock.ts'
import { type CronTimes, cronTimes, nextTimes } from './cron-times.ts'

const PORTABLE_EXPRESSION = /^(\S+ ){4}[*A-Za-z0-9,/-]+$/
const TICKS_MAX = 1_500 // of one function in one jump: every minute of a day; of a longer jump some are missed, evenly
const NEXT_SHOWN = 3

/** A scheduled function as it stands. */
export interface CronEntry {
  readonly name: string
  readonly cron: string
  readonly next: readonly Date[]
  /** Its last tick; null before the first. */
  readonly last: CronOutcome | null
}

export interface CronOutcome {
  /** What the function saw as now when it began. */
  readonly at: Date
  readonly status: number
  /** What it answered: the counts of its work. */
  readonly answer: unknown
}

export interface LocalSchedule {
  /**
   * Calls one scheduled function now, as its cron tick would.
   * @param at what the function is to see as now
   * @returns its answer, or null when its last tick is still running: that tick is then missed
   */
  fire(name: string, at?: Date): Promise<Response | null>
  list(): CronEntry[]
  /** How many ticks began since it was opened, by function. */
  ticks(): Readonly<Record<string, number>>
  /** Fires nothing more and waits for what is running. */
  stop(): Promise<void>
}

export interface LocalScheduleOptions {
  readonly functions: readonly ScheduledDefinition[]
  readonly platform: Platform
  readonly clock: AdjustableClock
  /** Whether it calls them by itself; otherwise only `fire` does. On by default. */
  readonly follows?: boolean
  /** Lets ticks be missed or doubled; none are by default. */
  readonly faults?: Faults
  /** Opens the platform of one invocation; the same one for all by default. */
  readonly invoke?: (
    name: { readonly function: string },
    work: (platform: Platform) => Promise<Response>,
    call: Extract<Call, { trigger: 'cron' }>,
  ) => Promise<Response>
}

/** Calls each scheduled function by its cron expression, in UTC. */
export function localSchedule(options: LocalScheduleOptions): LocalSchedule {
  assertPortable(options.functions)
  return new ProcessSchedule(options)
}

class ProcessSchedule implements LocalSchedule {
  readonly #options: LocalScheduleOptions
  readonly #times: ReadonlyMap<string, CronTimes>
  readonly #running = new Map<string, Promise<Response>>()
  readonly #last = new Map<string, CronOutcome>()
  readonly #ticks = new Map<string, number>()
  readonly #stopping = new AbortController()

  constructor(options: LocalScheduleOptions) {
    this.#options = options
    setMaxListeners(0, this.#stopping.signal) // one of each function: there may be more than ten
    this.#times = new Map(options.functions.map(({ name, cron: expression }) => [name, cronTimes(expression)]))
    if (options.follows !== false) for (const { name } of options.functions) void this.#follow(name)
  }

  async fire(name: string, at?: Date): Promise<Response | null> {
    const { functions, platform, invoke = (_, work) => work(platform) } = this.#options
    const definition = functions.find((candidate) => candidate.name === name)
    if (definition === undefined) throw new RangeError(`There is no scheduled function "${name}"`)
    if (this.#running.has(name)) return null
    this.#ticks.set(name, (this.#ticks.get(name) ?? 0) + 1)
    const call = async (watched: Platform) => {
      const moved = at === undefined ? watched : new MovedPlatform(watched, at)
      const seen = moved.clock.now()
      const { response } = await callScheduled(definition, moved)
      const answer = await response
        .clone()
        .json()
        .catch(() => null)
      this.#last.set(name, { at: seen, status: response.status, answer })
      return response
    }
    const tick = invoke({ function: name }, call, { trigger: 'cron', at: at ?? null }).finally(() =>
      this.#running.delete(name),
    )
    this.#running.set(name, tick)
    return await tick
  }

  list(): CronEntry[] {
    const now = this.#options.clock.now()
    return this.#options.functions.map(({ name, cron: expression }) => ({
      name,
      cron: expression,
      next: nextTimes(cronTimes(expression), now, NEXT_SHOWN),
      last: this.#last.get(name) ?? null,
    }))
  }

  ticks(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#ticks)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await Promise.allSettled(this.#running.values())
  }

  /** Waits for each time at which a function falls due. Ticks that fell due while the machine slept are missed. */
  async #follow(name: string): Promise<void> {
    const { clock } = this.#options
    const { signal } = this.#stopping
    let at = this.#next(name, clock.now())
    while (at !== null && !signal.aborted) {
      await clock.alarm(at, () => this.#tick(name), signal)
      at = this.#next(name, new Date(Math.max(at.getTime(), clock.now().getTime())))
    }
  }

  /** In a jump so long that ticks are left out, the first one after as much time as lets there be `TICKS_MAX`, or as many as sleeps wake. */
  #next(name: string, after: Date): Date | null {
    const { jump } = this.#options.clock
    const times = this.#times.get(name)
    const next = times?.next(after) ?? null
    if (times === undefined || next === null || jump === null) return next
    const apartMs = (jump.endsAt.getTime() - jump.startsAt.getTime()) / Math.min(TICKS_MAX, jump.wakesMax)
    const thinned = times.next(new Date(after.getTime() + Math.max(0, apartMs - 1)))
    return thinned !== null && thinned <= jump.endsAt ? thinned : times.next(jump.endsAt)
  }

  async #tick(name: string): Promise<void> {
    const { drop, duplicate } = this.#options.faults?.decide('cron.tick') ?? {}
    if (drop !== undefined) return
    await this.fire(name)
    if (duplicate !== undefined) await this.fire(name)
  }
}

/** The platform with another time. */
class MovedPlatform extends PlatformLayer {
  readonly #clock: Clock

  constructor(below: Platform, at: Date) {
    super(below)
    this.#clock = skewedClock(below.clock, at.getTime() - below.clock.now().getTime())
  }

  override get clock(): Clock {
    return this.#clock
  }
}

/** @throws {RangeError} naming the expression, and the platform it would break on */
function assertPortable(functions: readonly ScheduledDefinition[]): void {
  for (const { name, cron: expression } of functions) {
    if (!PORTABLE_EXPRESSION.test(expression) || !cron.validate(expression)) {
      throw new RangeError(`"${expression}" of ${name} is not a cron expression of five fields`)
    }
    if (/\d/.test(expression.split(' ')[4] ?? '')) {
      throw new RangeError(`"${expression}" of ${name}: name the weekday, Cloudflare and AWS count from 1 on Sunday`)
    }
  }
  const distinct = new Set(functions.map(({ cron: expression }) => expression))
  if (distinct.size > ENVELOPE.cron_expressions.max) {
    throw new RangeError(breachText('cron_expressions', distinct.size))
  }
}
