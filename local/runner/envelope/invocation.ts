import { CONNECTION_SHARES, envelopeExceeded } from '../../../shared/platform/envelope.ts'
import type { Log } from '../../../shared/platform/log.ts'
import type { Problem } from '../../../shared/platform/problems.ts'

/** Which call of a function it is, for the log. */
export interface InvocationName {
  readonly function: string
  readonly executionId?: string
}

/** The numbers that an invocation is held to: those of the envelope, smaller ones in tests. */
export type Limits = Readonly<Record<'invocation' | 'cpu' | 'memory' | 'connections', number>>

export interface InvocationOptions {
  readonly mode: 'enforce' | 'warn'
  readonly limits: Limits
  readonly log: Log
  readonly startedAtMs: number
  /** Aborts with the process. */
  readonly stopping: AbortSignal
  /** Measures anew what only a look can tell. */
  readonly look: () => void
}

/** One call of a function: what it holds, the most it came to, and what it has exceeded. */
export class Invocation {
  readonly name: InvocationName
  readonly startedAtMs: number
  /** The most so far; of the heap with its garbage. */
  readonly peaks = { connections: CONNECTION_SHARES.store as number, cpuMs: 0, heapBytes: 0 }
  /** Milliseconds in which this busy machine gave the process no processor: no platform would count them. */
  lostMs = 0
  readonly #options: InvocationOptions
  readonly #breached = new Set<keyof Limits>()
  #connections: number = CONNECTION_SHARES.store // where connections can't be shared, each has one of its own
  #problem: Problem | null = null

  constructor(name: InvocationName, options: InvocationOptions) {
    this.name = name
    this.startedAtMs = options.startedAtMs
    this.#options = options
  }

  /**
   * That of the process; once a limit was exceeded and is enforced one that is aborted, with the problem as reason.
   * Whoever asks for it is about to go on or to finish, so that it looks first: a timer would come too late after a long
   * computation.
   */
  get stopping(): AbortSignal {
    this.#options.look()
    return this.#problem === null ? this.#options.stopping : AbortSignal.abort(this.#problem)
  }

  /** @param change connections opened, or closed where it is negative */
  connect(change: number): void {
    this.#connections += change
    this.peaks.connections = Math.max(this.peaks.connections, this.#connections)
    if (this.#connections > this.#options.limits.connections) this.breach('connections', this.#connections)
  }

  /** Says once per limit that it was exceeded, and stops the invocation where that is enforced. */
  breach(limit: keyof Limits, measured: number): void {
    if (this.#breached.has(limit)) return
    this.#breached.add(limit)
    const { log, limits, mode } = this.#options
    const problem = envelopeExceeded(limit, measured, limits[limit])
    log('envelope.exceeded', { ...this.name, limit, measured, max: limits[limit], mode, message: problem.message })
    if (mode === 'warn') return
    this.#problem ??= problem
  }

  /** @throws {Problem} `envelope_exceeded` where that is enforced: nothing more may be begun */
  assertWithin(): void {
    if (this.#problem !== null) throw this.#problem
  }
}
