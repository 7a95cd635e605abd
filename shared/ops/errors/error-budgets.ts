import { backoffMs } from '../../engine/backoff.ts'
import type { Platform } from '../../platform/platform.ts'
import { asProblem, Problem } from '../../platform/problems.ts'
import {
  type Budget,
  closeBudget,
  countFailure,
  DEGRADE_AFTER,
  type Failure,
  giveBackProbe,
  listFailing,
  takeProbe,
} from './budget-store.ts'

/** What can fail, and how its failures count. */
export interface Operation {
  /** `source:<name>`, `llm`, `embedding`, `sandbox`, `files`, `queue`. */
  readonly name: string
  /** Whether ten failures in a row ask for a restart. Not of what belongs to somebody else: it would cost all others their work. */
  readonly mayRestart: boolean
  /**
   * Whether the store may be waited for. Not where calls happen inside a transaction: the embedded store has one connection,
   * and so has a function's pool. What such a process knows is then its own experience, and it writes in the background.
   */
  readonly waits: boolean
  /** Whether it is called also while it is degraded, since somebody asks just for that. Counts like any other call. */
  readonly asked?: boolean
}

/** Anything that is a failure of the operation itself; null for the caller's own and for what says nothing. */
export type Verdict = { readonly code: string; readonly subject: string | null } | null

type BudgetPlatform = Pick<Platform, 'store' | 'clock' | 'random' | 'log' | 'defer' | 'workerId' | 'restart'>

const KNOWN_MS = 2_000 // how long what other processes have met stays unknown here at most, while calls are made
const PROBE_MS = 30_000 // a probe whose process is gone by then was lost
const PROBE_MS_MIN = 1_000

/**
 * The error budgets as one process sees them. The truth is in the store, so that failures in a row count over all processes;
 * a success of an operation that does well costs nothing, and what is known is read anew only every two seconds.
 */
export class ErrorBudgets {
  #failing: ReadonlyMap<string, Budget> = new Map()
  #readAtMs = Number.NEGATIVE_INFINITY
  #reading: Promise<void> | null = null
  readonly #succeededAt = new Map<string, Date>()

  /**
   * Calls the operation, unless it is degraded: then one call at a time tries, and every other is answered at once.
   * @throws {Problem} `component_degraded` with the seconds after which it makes sense to ask again
   */
  async guard<T>(
    platform: BudgetPlatform,
    operation: Operation,
    work: () => Promise<T>,
    verdictOf: (outcome: { readonly value: T } | { readonly thrown: unknown }) => Verdict,
  ): Promise<T> {
    const probes = await this.#admit(platform, operation)
    let value: T
    try {
      value = await work()
    } catch (thrown) {
      const verdict = verdictOf({ thrown })
      if (verdict !== null) await this.#failed(platform, operation, verdict)
      else if (probes)
        await quietly(platform, () =>
          giveBackProbe(platform.store, operation.name, platform.workerId, platform.clock.now()),
        )
      throw thrown
    }
    const verdict = verdictOf({ value })
    if (verdict !== null) await this.#failed(platform, operation, verdict)
    else await this.#succeeded(platform, operation)
    return value
  }

  /** @returns whether this call is the probe, to be given back in the store if it says nothing */
  async #admit(platform: BudgetPlatform, { name, waits, asked = false }: Operation): Promise<boolean> {
    const { store, clock } = platform
    const now = clock.now()
    if (asked) {
      await this.#read(platform, now)
      return false
    }
    if (waits && Math.abs(now.getTime() - this.#readAtMs) >= KNOWN_MS) await this.#read(platform, now)
    // Nobody is turned away by what was true a moment ago.
    if (isHeldBack(this.#failing.get(name), now)) {
      if (waits) await this.#read(platform, now)
      else platform.defer(this.#read(platform, now)) // for the next one
    }
    const budget = this.#failing.get(name)
    if (budget === undefined || budget.state === 'closed') return false
    if (isHeldBack(budget, now)) throw degraded(name, budget, now)
    const until = new Date(now.getTime() + PROBE_MS)
    const taken =
      !waits || (await quietly(platform, () => takeProbe(store, name, now, until, platform.workerId))) !== false
    this.#know(name, { ...budget, probeAt: until })
    if (!taken) {
      await this.#read(platform, now)
      const other = this.#failing.get(name)
      if (other !== undefined) throw degraded(name, { ...other, probeAt: other.probeAt ?? until }, now)
    }
    return waits && taken
  }

  /** One look for all who want it at once. */
  async #read(platform: BudgetPlatform, now: Date): Promise<void> {
    this.#reading ??= quietly(platform, () => listFailing(platform.store)).then((failing) => {
      this.#failing = failing ?? this.#failing
      this.#readAtMs = now.getTime()
      this.#reading = null
    })
    await this.#reading
  }

  async #failed(platform: BudgetPlatform, operation: Operation, verdict: NonNullable<Verdict>): Promise<void> {
    const { clock, random, store } = platform
    const { name, mayRestart, waits } = operation
    const before = this.#failing.get(name)
    const at = clock.now()
    const failures = (before?.failures ?? 0) + 1
    const probeMs = Math.max(PROBE_MS_MIN, backoffMs(Math.max(1, failures - DEGRADE_AFTER + 2), random))
    const probeAt = new Date(at.getTime() + probeMs)
    const succeededAt = this.#succeededAt.get(name) ?? null
    const failure: Failure = { operation: name, ...verdict, succeededAt, at, probeAt, mayRestart }
    this.#know(name, { failures, state: before?.state ?? 'closed', probeAt })
    const write = async () => {
      const after = await quietly(platform, () => countFailure(store, failure))
      if (after === null) {
        // The store is away: what this process has met is all there is to go by.
        const state = failures >= DEGRADE_AFTER ? 'degraded' : 'closed'
        return this.#know(name, { failures, state, probeAt })
      }
      this.#know(name, after)
      if (after.turned) this.#tell(platform, name, after, verdict.code)
    }
    if (waits) await write()
    else platform.defer(write())
  }

  #tell({ log, restart }: BudgetPlatform, operation: string, { state, failures }: Budget, code: string): void {
    if (state === 'degraded') log('component.degraded', { operation, failures, code })
    if (state !== 'restart_asked') return
    const reason = `${operation} has failed ${failures} times in a row (${code})`
    log('restart.asked', { operation, failures, code, supervised: restart !== undefined })
    restart?.ask(reason)
  }

  async #succeeded(platform: BudgetPlatform, { name, waits }: Operation): Promise<void> {
    const now = platform.clock.now()
    this.#succeededAt.set(name, now)
    const before = this.#failing.get(name)
    if (before === undefined) return
    const rest = new Map(this.#failing)
    rest.delete(name)
    this.#failing = rest
    const write = async () => {
      const closed = await quietly(platform, () => closeBudget(platform.store, name, now))
      if (closed === true && before.state !== 'closed') platform.log('component.recovered', { operation: name })
    }
    if (waits) await write()
    else platform.defer(write())
  }

  #know(name: string, { failures, state, probeAt }: Budget): void {
    this.#failing = new Map(this.#failing).set(name, { failures, state, probeAt })
  }
}

function isHeldBack(budget: Budget | undefined, now: Date): boolean {
  return budget !== undefined && budget.state !== 'closed' && budget.probeAt !== null && budget.probeAt > now
}

const HAS_FAILED = ' has failed'

/** Of what a problem `component_degraded` speaks, by its message: all that is kept of it. */
export function degradedOperation(message: string): string {
  return message.slice(0, Math.max(0, message.indexOf(HAS_FAILED)))
}

function degraded(operation: string, { failures, probeAt }: Budget, now: Date): Problem {
  const seconds = Math.max(1, Math.ceil(((probeAt ?? now).getTime() - now.getTime()) / 1000))
  return new Problem(
    'component_degraded',
    `${operation}${HAS_FAILED} ${failures} times in a row and is not called for now`,
    {
      hint: `It is tried again in ${seconds} s; see GET /api/v1/ops/incidents`,
      retryAfter: seconds,
    },
  )
}

/** The count must never make a call worse than it is: a store that fails is told to the log. */
async function quietly<T>({ log }: BudgetPlatform, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work()
  } catch (cause) {
    log('background.failed', { what: 'error budget', message: asProblem(cause).message })
    return null
  }
}
