import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import type { Config } from '../../shared/platform/config.ts'
import { type Action, optionsOf } from './actions.ts'
import { SimulatedBroker } from './broker.ts'
import { type Draws, drawsOf } from './chance.ts'
import { Checker } from './checker.ts'
import { Clients } from './clients.ts'
import { chooseFault, type Strike } from './faults.ts'
import { Ledger } from './ledger.ts'
import { Mirror } from './mirror.ts'
import type { Call, Invocation, Sleeper, Stage, StoredFile, Transaction, World } from './model.ts'
import type { Plan } from './plan.ts'
import { SimulatedRunner } from './runner.ts'
import { Violation } from './violation.ts'
import type { RowNotice } from './watched-tables.ts'

/** Which faults strike: by the plan's rate, or at these steps only. */
export type FaultSteps = ReadonlySet<number> | null

const START = Date.parse('2025-06-27T06:30:52.000Z')
const STEPS_MAX = 40_000 // far above what any seed needs: whoever gets there turns in circles
const CALM_MS_MAX = 4 * 3_600_000 // all retries, backoffs and takeovers of all tasks, one after the other, end well before
const CRON_MS = 60_000
const TARGET_RATE = 0.25
const TURNS = 2 // of the event loop, until all that woken code does without a port has been done

/** Lets one thing happen after the other, as the seed decides, until nothing is left. */
export class SimulatedWorld implements World {
  readonly stage: Stage
  readonly plan: Plan
  readonly config: Config
  readonly files = new Map<string, StoredFile>()
  readonly broker: SimulatedBroker
  readonly runners: SimulatedRunner[] = []
  readonly mirror = new Mirror()
  readonly starts = new Map<string, readonly string[]>()
  readonly ledger: Ledger
  readonly checker: Checker
  readonly clients: Clients
  readonly struck: Strike[] = []
  readonly counts: Record<string, number> = {}
  readonly calls: Call[] = []
  readonly sleepers: Sleeper[] = []
  /** Steps at which a port call was let through. */
  readonly callSteps: number[] = []
  readonly tracing: string[] | null
  now = START
  step = 0
  calm = false
  calmAt = 0
  nextCronAt = START + CRON_MS
  transaction: Transaction | null = null
  draws: Draws
  violation: Violation | null = null
  readonly #faultSteps: FaultSteps
  /** Whether nothing goes wrong in this world, and clocks agree: then nobody may be taken for dead. */
  readonly quiet: boolean
  readonly #digest = createHash('sha256')
  readonly #scripted: Strike | null

  constructor(
    stage: Stage,
    plan: Plan,
    config: Config,
    options: { faultSteps?: FaultSteps; trace?: boolean; strike?: Strike } = {},
  ) {
    this.stage = stage
    this.plan = plan
    this.config = config
    this.#faultSteps = options.faultSteps ?? null
    this.#scripted = options.strike ?? null
    const spared = (options.faultSteps?.size ?? 0) === 0 && options.strike === undefined
    this.quiet = spared && plan.faultRate === 0 && plan.deadlineSeconds === null && plan.skewMs <= 1_000
    this.tracing = options.trace === true ? [] : null
    this.draws = drawsOf(plan.seed, 'start')
    this.broker = new SimulatedBroker(this)
    this.ledger = new Ledger(this)
    this.checker = new Checker(this)
    this.clients = new Clients(this)
    for (let number = 1; number <= plan.runners; number += 1) this.runners.push(new SimulatedRunner(this, number))
  }

  /** Runs until nothing is left to happen, or until something happened that must not. */
  async run(): Promise<void> {
    try {
      for (const runner of this.runners) runner.boot()
      await this.#settle()
      while (this.violation === null && (await this.#next())) this.step += 1
      if (this.violation === null) this.checker.atRest()
      if (this.violation === null) this.broker.atRest()
    } catch (error) {
      if (!(error instanceof Violation)) throw error
      this.violation ??= error
    }
  }

  violate(invariant: string, message: string): void {
    this.violation ??= new Violation(invariant, message)
    this.note(`VIOLATION ${invariant}: ${message}`)
  }

  knows(id: string): boolean {
    return this.checker.knows(id)
  }

  count(what: string, by = 1): void {
    this.counts[what] = (this.counts[what] ?? 0) + by
  }

  note(text: string): void {
    const line = `${this.step} ${((this.now - START) / 1000).toFixed(3)} ${text}`
    this.#digest.update(line)
    this.tracing?.push(line)
  }

  traceHash(): string {
    return this.#digest.copy().digest('hex')
  }

  committed(notices: readonly string[], invocation: Invocation): void {
    if (notices.length === 0) return
    this.checker.commit(
      notices.map((text) => JSON.parse(text) as RowNotice),
      invocation,
    )
  }

  kill(invocation: Invocation): void {
    invocation.alive = false
    if (this.transaction?.invocation === invocation) this.rollBack()
    remove(this.calls, (call) => call.invocation === invocation)
    remove(this.sleepers, (sleeper) => sleeper.invocation === invocation)
  }

  rollBack(): void {
    if (this.transaction === null) return
    this.transaction.open = false
    this.transaction = null
    this.stage.postgres.script('rollback')
    this.stage.postgres.takeNotices()
  }

  /** One thing happens. @returns false when nothing is left */
  async #next(): Promise<boolean> {
    if (this.step > STEPS_MAX) this.violate('1-none-lost', `Still not at rest after ${STEPS_MAX} steps`)
    this.draws = drawsOf(this.plan.seed, 'step', this.step)
    this.now += this.draws.whole(1, 8)
    this.#mayCalm()
    const options = optionsOf(this)
    if (options.length === 0) return this.#wait()
    const chosen = this.draws.weighted(Object.fromEntries(options.map(({ weight }, index) => [index, weight])))
    const action = options[Number(chosen)]
    if (action === undefined) throw new Error('Nothing was chosen')
    const strike = this.#strike(action)
    if (strike !== null) {
      this.struck.push(strike)
      this.count(`fault ${strike.kind}`)
    }
    this.note(`${action.label}${strike === null ? '' : ` ! ${strike.kind}`}`)
    if (action.isCall) this.callSteps.push(this.step)
    action.perform(strike?.kind ?? null)
    await this.#settle()
    return true
  }

  #strike({ label, faults: possible }: Action): Strike | null {
    if (this.#scripted !== null) return this.#scripted.step === this.step ? this.#scripted : null
    if (this.calm) return null
    const draws = drawsOf(this.plan.seed, 'fault', this.step)
    const { target, faultRate } = this.plan
    const aimed = target !== null && label.includes(target.call) && possible.includes(target.fault)
    const strikes = draws.chance(aimed ? TARGET_RATE : faultRate)
    if (this.#faultSteps === null ? !strikes : !this.#faultSteps.has(this.step)) return null
    const kind = aimed ? target.fault : chooseFault(this.plan, possible, draws)
    return kind === null ? null : { step: this.step, kind }
  }

  /** Nothing can happen now: on to when something can. */
  #wait(): boolean {
    if (this.#atRest()) return false
    const times = [
      ...this.calls.map(({ notBefore, invocation }) => Math.max(notBefore, invocation.runner.frozenUntil)),
      ...this.sleepers.map(({ dueAt, invocation }) => Math.max(dueAt, invocation.runner.frozenUntil)),
      ...this.runners.map((runner) => (runner.alive ? runner.frozenUntil : runner.restartAt)),
      ...this.runners.flatMap((runner) =>
        [...runner.invocations].flatMap(({ deadlineAt }) => (deadlineAt === null ? [] : [deadlineAt])),
      ),
      this.broker.nextAt,
      this.clients.nextAt,
      this.nextCronAt,
    ]
    const next = Math.min(...times.filter((time) => time > this.now))
    this.now = next
    if (this.calm && this.now - this.calmAt > CALM_MS_MAX) {
      const left = this.checker.unfinished()
      this.violate('1-none-lost', `Never ended, although nothing goes wrong any more: ${left.join(', ')}`)
    }
    return true
  }

  #mayCalm(): void {
    if (this.calm || this.clients.left > 0) return
    if (this.step < this.plan.stormSteps && this.checker.unfinished().length > 0) return
    this.calm = true
    this.calmAt = this.now
    for (const runner of this.runners) runner.frozenUntil = Math.min(runner.frozenUntil, this.now + 1)
    this.note('calm')
  }

  #atRest(): boolean {
    if (
      !this.calm ||
      this.calls.length > 0 ||
      this.sleepers.length > 0 ||
      this.broker.nextAt !== Number.POSITIVE_INFINITY
    )
      return false
    return this.runners.every((runner) => runner.idle) && this.checker.unfinished().length === 0
  }

  async #settle(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn += 1) await setImmediate()
    await this.broker.look()
  }
}

function remove<T>(list: T[], gone: (one: T) => boolean): void {
  for (let index = list.length - 1; index >= 0; index -= 1) if (gone(list[index] as T)) list.splice(index, 1)
}
