import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../shared/platform/clock.ts'

/** A clock that goes as another does, and that can be sent ahead. */
export interface AdjustableClock extends Clock {
  /** How far ahead of the other it is. */
  readonly offsetMs: number
  /** The jump under way; null while time goes by itself. */
  readonly jump: Jump | null
  /**
   * Sends it ahead. Whoever sleeps wakes in the order in which they fall due, each at its own time. In a long jump a
   * chain of short sleeps wakes `wakesMax` times at most, alarms excepted. Jumps happen one after the other.
   * @param wakesMax for this jump, where less is enough than the clock's own
   */
  advance(ms: number, wakesMax?: number): Promise<void>
  /**
   * Sleeps until exactly that time, then calls `ring`. A jump awaits what that returns before time goes on; while time
   * goes by itself nobody does. Resolves when it was called, or when the signal aborts.
   */
  alarm(at: Date, ring: () => Promise<unknown>, signal: AbortSignal): Promise<void>
}

export interface Jump {
  readonly startsAt: Date
  readonly endsAt: Date
  /** How often one chain of sleeps wakes at most. */
  readonly wakesMax: number
}

const WAKES_MAX = 2_000 // more of them than anybody wants to wait for
const SETTLE_TURNS = 5 // turns of the event loop that woken work gets, enough for chains of promises
const IDLE_MS_MAX = 1_000 // real time that what was asked of the store gets at each wake
const IDLE_ROUNDS = 20 // one call leads to the next
const RING_MS_MAX = 30_000 // real time that one alarm's work gets: it may itself wait for the clock

export interface AdjustableClockOptions {
  /**
   * Waits until whoever a jump woke has done all that needs no time; the jump then goes on. By default a few turns of
   * the event loop, and the work of alarms.
   */
  readonly settle?: () => Promise<void>
  /** What those whom a jump woke may be waiting for in real time, besides: by default nothing. */
  readonly work?: { readonly isIdle: boolean; idle(): Promise<void> }
  /** How often one chain of sleeps wakes in one jump at most: short ones take longer there. Default 2,000. */
  readonly wakesMax?: number
}

/** @param base goes on by itself (the machine's), or stands still */
export function adjustableClock(base: Clock, options: AdjustableClockOptions = {}): AdjustableClock {
  return new OffsetClock(base, options)
}

interface Sleeper {
  readonly dueMs: number
  readonly wake: () => void
  /** Waits for the base clock anew: the offset has changed. */
  readonly rearm: () => void
}

class OffsetClock implements AdjustableClock {
  readonly timeZone: string
  readonly #base: Clock
  readonly #options: AdjustableClockOptions
  readonly #sleepers = new Set<Sleeper>()
  readonly #rings = new Set<Promise<unknown>>()
  #offsetMs = 0
  #standsAtMs: number | null = null // within a jump
  #jump: (Jump & { readonly pauseMs: number }) | null = null
  #jumps: Promise<void> = Promise.resolve()

  constructor(base: Clock, options: AdjustableClockOptions) {
    this.#base = base
    this.#options = options
    this.timeZone = base.timeZone
  }

  get offsetMs(): number {
    return this.#offsetMs
  }

  get simulated(): boolean {
    return this.#base.simulated === true || this.#offsetMs > 0 || this.#jump !== null
  }

  get jump(): Jump | null {
    return this.#jump
  }

  now(): Date {
    return new Date(this.#nowMs())
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms <= 0) return await this.#base.sleep(ms, signal)
    await this.#sleepUntil(this.#nowMs() + Math.max(ms, this.#jump?.pauseMs ?? 0), signal)
  }

  async alarm(at: Date, ring: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
    await this.#sleepUntil(at.getTime(), signal)
    if (signal.aborted) return
    const rung: Promise<unknown> = ring()
      .catch(() => undefined)
      .finally(() => this.#rings.delete(rung))
    this.#rings.add(rung)
  }

  async advance(ms: number, wakesMax = this.#options.wakesMax ?? WAKES_MAX): Promise<void> {
    if (!(ms >= 0)) throw new RangeError('Time goes forward only')
    const done = this.#jumps.then(() => this.#leap(ms, wakesMax))
    this.#jumps = done.catch(() => undefined)
    await done
  }

  #nowMs(): number {
    return this.#standsAtMs ?? this.#base.now().getTime() + this.#offsetMs
  }

  async #leap(ms: number, wakesMax: number): Promise<void> {
    const startMs = this.#nowMs()
    const endMs = startMs + ms
    this.#standsAtMs = startMs
    this.#jump = {
      startsAt: new Date(startMs),
      endsAt: new Date(endMs),
      wakesMax,
      pauseMs: ms / wakesMax,
    }
    try {
      await this.#settle()
      for (let next = this.#earliest(endMs); next !== undefined; next = this.#earliest(endMs)) {
        this.#standsAtMs = Math.max(this.#standsAtMs, next.dueMs)
        next.wake()
        await this.#settle()
      }
    } finally {
      this.#offsetMs += ms // what the jump itself took has passed, too
      this.#standsAtMs = null
      this.#jump = null
      for (const sleeper of this.#sleepers) sleeper.rearm()
    }
  }

  #earliest(untilMs: number): Sleeper | undefined {
    let first: Sleeper | undefined
    for (const sleeper of this.#sleepers) {
      if (sleeper.dueMs <= untilMs && (first === undefined || sleeper.dueMs < first.dueMs)) first = sleeper
    }
    return first
  }

  async #settle(): Promise<void> {
    if (this.#options.settle !== undefined) return await this.#options.settle()
    await someTurns()
    const { work } = this.#options
    for (let round = 0; work?.isIdle === false && round < IDLE_ROUNDS; round++) {
      await atMost(IDLE_MS_MAX, work.idle())
      if (!work.isIdle) break // a store that is away holds nobody up
      await someTurns()
    }
    if (this.#rings.size > 0) await atMost(RING_MS_MAX, Promise.all(this.#rings))
  }

  #sleepUntil(dueMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) return resolve()
      let armed = new AbortController()
      const wake = () => {
        this.#sleepers.delete(sleeper)
        signal?.removeEventListener('abort', wake)
        armed.abort()
        resolve()
      }
      const rearm = () => {
        armed.abort()
        const mine = new AbortController()
        armed = mine
        void this.#base.sleep(Math.max(0, dueMs - this.#nowMs()), mine.signal).then(() => {
          if (mine.signal.aborted) return
          if (this.#nowMs() < dueMs && this.#jump === null)
            rearm() // a timer may end within its last millisecond
          else wake()
        })
      }
      const sleeper: Sleeper = { dueMs, wake, rearm }
      this.#sleepers.add(sleeper)
      signal?.addEventListener('abort', wake)
      rearm()
    })
  }
}

async function someTurns(): Promise<void> {
  for (let turn = 0; turn < SETTLE_TURNS; turn++) await setImmediate()
}

/** Waits for work, and no longer than so much real time. */
async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  const patience = new AbortController()
  await Promise.race([work, realMs(ms, patience.signal)])
  patience.abort()
}

function realMs(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => clearTimeout(timer))
  })
}
