import { type FaultSettings, hasFaults, NO_FAULTS } from '../../shared/platform/fault-settings.ts'
import { InvocationLife } from './invocation-life.ts'
import { type Chosen, chooseFaults, type FaultName, type FaultPoint } from './points.ts'

/** A fault that struck, and all that is needed to let it strike again. */
export interface StruckFault {
  /** Which decision of that point it was, from 1; of `invocation`: which one. */
  readonly number: number
  readonly point: FaultPoint
  readonly fault: FaultName
  /** Milliseconds, a statement or an await: see `Chosen`. None where the fault has no amount. */
  readonly value?: number
}

export interface FaultsOptions {
  /** Told of each fault as it strikes. @param at the await at which an invocation crashed: `store.query` */
  readonly onStruck?: (struck: StruckFault, at?: string) => void
  /** How many of those that struck are kept, the newest; all by default. */
  readonly kept?: number
}

type Choose = (point: FaultPoint, number: number) => Chosen

/** What goes wrong, decided by a seed. */
export function seededFaults(settings: FaultSettings, options: FaultsOptions = {}): Faults {
  const choose: Choose = (point, number) => chooseFaults(settings, point, number)
  return new Faults(settings, choose, { ...options, calm: !hasFaults(settings) })
}

/** Nothing but these faults: what `struck` of another run told, or a part of it. */
export function replayedFaults(list: readonly StruckFault[], options: FaultsOptions = {}): Faults {
  const byDecision = new Map<string, Chosen>()
  for (const { point, number, fault, value } of list) {
    const key = `${point} ${number}`
    byDecision.set(key, { ...byDecision.get(key), [fault]: value ?? 0 })
  }
  const choose: Choose = (point, number) => byDecision.get(`${point} ${number}`) ?? {}
  return new Faults(NO_FAULTS, choose, { ...options, calm: false })
}

/** Numbers the decisions of every point, decides each, and keeps those that struck. */
export class Faults {
  readonly #options: FaultsOptions
  readonly #numbers = new Map<FaultPoint, number>()
  #settings: FaultSettings
  #choose: Choose
  #calm: boolean
  #struck: StruckFault[] = []

  constructor(settings: FaultSettings, choose: Choose, options: FaultsOptions & { readonly calm: boolean }) {
    this.#settings = settings
    this.#choose = choose
    this.#calm = options.calm
    this.#options = options
  }

  get settings(): FaultSettings {
    return this.#settings
  }

  /** Whether nothing can go wrong, so that nobody needs to ask. */
  get calm(): boolean {
    return this.#calm
  }

  /** What struck so far, oldest first. */
  get struck(): readonly StruckFault[] {
    return this.#struck
  }

  /** Decides by other settings from now on; the numbers go on. */
  change(settings: FaultSettings): void {
    this.#settings = settings
    this.#calm = !hasFaults(settings)
    this.#choose = (point, number) => chooseFaults(settings, point, number)
  }

  /** Makes the next decision of a point, and takes it that all it chose strikes. */
  decide(point: FaultPoint): Chosen {
    const number = this.#next(point)
    return this.decideAt(point, number)
  }

  /** As `decide`, for a caller that numbers by itself. */
  decideAt(point: FaultPoint, number: number): Chosen {
    const chosen = this.#choose(point, number)
    for (const [fault, value] of Object.entries(chosen) as [FaultName, number][])
      this.#record(point, number, fault, value)
    return chosen
  }

  /** How many decisions each point has made. */
  decisions(): Readonly<Partial<Record<FaultPoint, number>>> {
    return Object.fromEntries(this.#numbers)
  }

  /** A new invocation, which may be chosen to crash: what it awaits goes through its life. */
  invocation(name: string): InvocationLife {
    const number = this.#next('invocation')
    const [[fault, await_] = []] = Object.entries(this.#choose('invocation', number)) as [FaultName, number][]
    const crash = fault === undefined || await_ === undefined ? null : { await: await_, after: fault === 'crash-after' }
    return new InvocationLife({
      name,
      number,
      crash,
      onCrash: (at) => this.#record('invocation', number, fault ?? 'crash-before', await_ ?? 0, at),
    })
  }

  #next(point: FaultPoint): number {
    const number = (this.#numbers.get(point) ?? 0) + 1
    this.#numbers.set(point, number)
    return number
  }

  #record(point: FaultPoint, number: number, fault: FaultName, value: number, at?: string): void {
    const struck = { number, point, fault, ...(value === 0 ? {} : { value }) }
    const { kept = Number.POSITIVE_INFINITY, onStruck } = this.#options
    this.#struck.push(struck)
    if (this.#struck.length > kept) this.#struck.splice(0, this.#struck.length - kept)
    onStruck?.(struck, at)
  }
}
