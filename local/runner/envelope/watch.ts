import { ENVELOPE } from '../../../shared/platform/envelope.ts'
import type { Log } from '../../../shared/platform/log.ts'
import { type Gauges, processGauges } from './gauges.ts'
import { Invocation, type InvocationName, type Limits } from './invocation.ts'
import { MemoryGauge } from './memory.ts'

export interface WatchOptions {
  /** Aborts with the process; never, by default. */
  readonly stopping?: AbortSignal
  readonly mode: 'enforce' | 'warn'
  readonly log: Log
  /** The portable envelope's by default. */
  readonly limits?: Partial<Limits>
  readonly gauges?: Gauges
  /** Between two looks. A shorter one tells shorter blocks of the thread. Default 500. */
  readonly tickMs?: number
}

type Sample = Readonly<Record<'nowMs' | 'cpuMs' | 'activeMs' | 'embeddedMs', number>>

const NEVER = new AbortController().signal
const LOOK_MS_MIN = 5 // no limit is anywhere near so small, and many short invocations begin and end within it
const TICK_MS = 500 // the thread's longest block is known to within this, which is little beside 30 s

/**
 * Holds every invocation to the portable envelope. Time and connections are each invocation's own; CPU and memory are
 * the process's, so that they are laid to an invocation only while nothing else was under way.
 */
export class EnvelopeWatch {
  readonly #options: WatchOptions
  readonly #limits: Limits
  readonly #gauges: Gauges
  readonly #tickMs: number
  readonly #memory: MemoryGauge
  readonly #live = new Set<Invocation>()
  #visitors = 0
  #lookedAtMs = Number.NEGATIVE_INFINITY
  #last: Sample
  #timer: NodeJS.Timeout | undefined

  constructor(options: WatchOptions) {
    this.#options = options
    this.#limits = {
      invocation: ENVELOPE.invocation.max,
      cpu: ENVELOPE.cpu.max,
      memory: ENVELOPE.memory.max,
      connections: ENVELOPE.connections.max,
      ...options.limits,
    }
    this.#gauges = options.gauges ?? processGauges
    this.#tickMs = options.tickMs ?? TICK_MS
    this.#memory = new MemoryGauge(this.#gauges)
    this.#last = this.#sample()
  }

  /** Watches one invocation from its begin to its end. */
  async run<T>(name: InvocationName, work: (invocation: Invocation) => Promise<T>): Promise<T> {
    const invocation = this.#begin(name)
    try {
      return await work(invocation)
    } finally {
      this.#end(invocation)
    }
  }

  /** What is watched by nobody, such as an HTTP call, but takes part in the process's CPU and memory. */
  async visit<T>(work: () => Promise<T>): Promise<T> {
    this.#lookAtCpu()
    this.#visitors += 1
    try {
      return await work()
    } finally {
      this.#lookAtCpu()
      this.#visitors -= 1
    }
  }

  /** Looks at everything that is under way. Called by a timer, whenever something begins or ends, and when a step asks whether to go on. */
  look(): void {
    const nowMs = this.#gauges.nowMs()
    if (nowMs - this.#lookedAtMs < LOOK_MS_MIN) return
    this.#lookedAtMs = nowMs
    this.#lookAtCpu()
    for (const invocation of this.#live) {
      const seconds = (nowMs - invocation.startedAtMs - invocation.lostMs) / 1_000
      if (seconds > this.#limits.invocation) invocation.breach('invocation', seconds)
    }
    const { seen, kept } = this.#memory.look(this.#limits.memory * Math.max(1, this.#live.size))
    for (const { peaks } of this.#live) peaks.heapBytes = Math.max(peaks.heapBytes, seen)
    if (kept !== null) this.#tell('memory', kept)
  }

  #begin(name: InvocationName): Invocation {
    if (this.#live.size === 0) this.#wake()
    else this.look()
    const { mode, log, stopping = NEVER } = this.#options
    const startedAtMs = this.#gauges.nowMs()
    const invocation = new Invocation(name, {
      mode,
      log,
      limits: this.#limits,
      startedAtMs,
      stopping,
      look: () => this.look(),
    })
    this.#live.add(invocation)
    return invocation
  }

  #end(invocation: Invocation): void {
    this.look()
    this.#live.delete(invocation)
    const { name, peaks, startedAtMs } = invocation
    this.#options.log('envelope.measured', {
      function: name.function,
      executionId: name.executionId,
      ms: Math.round(this.#gauges.nowMs() - startedAtMs),
      connections: peaks.connections,
      cpuMs: Math.round(peaks.cpuMs),
      heapMb: Math.round(peaks.heapBytes / 1_000_000),
    })
    if (this.#live.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** Nothing was under way: what is in memory now is nobody's. */
  #wake(): void {
    this.#memory.rest()
    this.#last = this.#sample()
    this.#timer = setInterval(() => this.look(), this.#tickMs)
    this.#timer.unref()
  }

  /** A timer that comes late tells how long the thread was kept; what did not use the CPU, or was a database, is let off. */
  #lookAtCpu(): void {
    const before = this.#last
    const now = this.#sample()
    this.#last = now
    const lateMs = now.nowMs - before.nowMs - this.#tickMs
    const ownMs = Math.min(lateMs, now.cpuMs - before.cpuMs) - (now.embeddedMs - before.embeddedMs)
    const lostMs = Math.max(0, now.activeMs - before.activeMs - (now.cpuMs - before.cpuMs))
    for (const invocation of this.#live) {
      invocation.lostMs += lostMs
      invocation.peaks.cpuMs = Math.max(invocation.peaks.cpuMs, ownMs)
    }
    if (ownMs > this.#limits.cpu * 1_000) this.#tell('cpu', ownMs / 1_000)
  }

  /** Between begins and ends the same things are under way, so that a single one must have been it. */
  #tell(limit: 'cpu' | 'memory', measured: number): void {
    const [first, ...others] = this.#live
    if (first === undefined) return
    if (others.length === 0 && this.#visitors === 0) {
      first.breach(limit, measured)
      return
    }
    const among = [...this.#live].map(({ name }) => name.executionId ?? name.function)
    const max = this.#limits[limit]
    this.#options.log('envelope.exceeded', { limit, measured, max, mode: 'warn', among, requests: this.#visitors })
  }

  #sample(): Sample {
    const { nowMs, cpuMs, activeMs, embeddedMs } = this.#gauges
    return { nowMs: nowMs(), cpuMs: cpuMs(), activeMs: activeMs(), embeddedMs: embeddedMs() }
  }
}
