import type { Language } from '../platform/problems.ts'
import { type Random, seededRandom, seedOf } from '../platform/random.ts'
import { EXIT_CODES, type SandboxLimits, type SandboxLogLine, type SandboxRun } from '../platform/sandbox.ts'
import { type Explained, explained } from './explain.ts'
import { HOST_CALL } from './guest.ts'
import { HEAP_AT } from './image.ts'
import { Machine } from './machine.ts'
import type { World } from './quickjs-imports.ts'
import { offsetSecondsAt } from './time-zone.ts'
import { Stop, type Verdict, verdictOf } from './verdict.ts'
import { type Warm, WarmNodes } from './warm-nodes.ts'

/** A request that has been checked and turned into text. */
export interface PreparedRun {
  readonly code: string
  readonly inputs: string
  readonly limits: SandboxLimits
  readonly seed: string
  readonly now: number
  readonly timeZone: string
  readonly language: Language
}

/** What one run has been and done so far. */
interface Progress {
  readonly run: PreparedRun
  readonly began: number
  readonly deadline: number
  random: Random | null
  readonly logs: SandboxLogLine[]
  logBytes: number
  /** Whether it asked for what may differ from one run to the next. */
  varies: boolean
  fuelLeft: number
  peakBytes: number
  /** Whether an answer is the last that the guest does, so that nothing has to be cut off. */
  ends: boolean
  answer: Verdict | null
}

const REASON_STACK = 1 // as infra/sandbox/meter.ts has it
const FUEL_AT_ONCE = 100_000 // well below a millisecond
// Where the clock stands still while code runs, work is the only measure of time. QuickJS does about this much.
const FUEL_PER_MS = 150_000
const HEAP_BYTES_KEPT = 4 * 1024 * 1024 // clearing more takes longer than a new machine
const MS_TO_LOCATE = 5
const HEAP_BYTES_TO_LOCATE = 1024 * 1024
const LEVELS = ['debug', 'info', 'warn', 'error'] as const
const FIND_MAIN = `typeof main === 'function' ? main : undefined`

/** Runs code in this thread, one run at a time, each in a fresh state. */
export class Runner {
  readonly #module: WebAssembly.Module
  readonly #steadyMs: () => number
  readonly #warm = new WarmNodes()
  #machine: Machine
  #progress: Progress | null = null

  constructor(module: WebAssembly.Module, steadyMs: () => number) {
    this.#module = module
    this.#steadyMs = steadyMs
    this.#machine = new Machine(module, this.#world())
  }

  /** What known nodes take. */
  get warmBytes(): number {
    return this.#warm.bytes
  }

  run(run: PreparedRun): SandboxRun {
    const began = this.#steadyMs()
    const progress: Progress = {
      run,
      began,
      deadline: began + run.limits.timeout_ms,
      random: null,
      logs: [],
      logBytes: 0,
      varies: false,
      fuelLeft: run.limits.timeout_ms * FUEL_PER_MS,
      peakBytes: 0,
      ends: false,
      answer: null,
    }
    this.#progress = progress
    const verdict = this.#verdict(progress)
    const place = verdict.kind === 'answer' ? '' : this.#place(verdict)
    const memory = Math.max(progress.peakBytes, this.#machine.heapBytes)
    this.#progress = null
    if (verdict.kind === 'crash' || this.#machine.bytes - HEAP_AT > HEAP_BYTES_KEPT)
      this.#machine = new Machine(this.#module, this.#world(), this.#machine)
    const { outputs, error }: Explained = explained(verdict, { ...run, place })
    return {
      success: error === null,
      outputs,
      exit_code: error === null ? 0 : EXIT_CODES[error.code],
      duration_ms: this.#steadyMs() - began,
      memory_bytes: memory,
      logs: progress.logs,
      error,
    }
  }

  #verdict(progress: Progress): Verdict {
    try {
      const { main } = this.#start(progress)
      if (this.#machine.call(main, progress.run.inputs)) this.#machine.wait()
      else this.#end(progress)
      if (progress.answer !== null) return progress.answer
      this.#machine.drain()
      return { kind: 'unsettled' }
    } catch (thrown) {
      return verdictOf(thrown)
    }
  }

  #end(progress: Progress): void {
    progress.ends = true
    this.#machine.end()
    progress.ends = false
  }

  /** Brings the machine to where the node's top level has run. */
  #start(progress: Progress): Pick<Warm, 'main'> {
    const { code, limits } = progress.run
    const known = this.#warm.get(code)
    this.#machine.reset(limits.stack_bytes, known === null ? null : known.state)
    this.#refuel(progress)
    if (known !== null) {
      for (const line of known.logs) this.#log(progress, line)
      return known
    }
    this.#machine.evaluate(code, 'top')
    const main = this.#machine.evaluate(FIND_MAIN, 'top')
    if (this.#warm.wanted(code) && !progress.varies) {
      this.#warm.keep(code, { main, logs: [...progress.logs], state: this.#machine.state() })
    }
    return { main }
  }

  /** Where the code was when it was cut off, as a stack trace; empty when that can't be told. */
  #place(verdict: Verdict): string {
    const progress = this.#progress
    if (progress === null || !['time', 'memory', 'stack'].includes(verdict.kind)) return ''
    const { run } = progress
    const now = this.#steadyMs()
    this.#progress = {
      ...progress,
      run: { ...run, limits: { ...run.limits, memory_bytes: run.limits.memory_bytes + HEAP_BYTES_TO_LOCATE } },
      began: now,
      deadline: now + MS_TO_LOCATE,
      fuelLeft: 10 * FUEL_AT_ONCE,
      ends: true,
    }
    try {
      this.#refuel(this.#progress)
      this.#machine.locate()
    } catch {} // it was cut off again
    const told = this.#progress.answer
    return told?.kind === 'answer' ? told.text : ''
  }

  #world(): World {
    return {
      interrupted: (reason) => {
        const progress = this.#progress
        if (progress === null) return // a machine that is being made runs only what is ours
        if (reason === REASON_STACK) throw new Stop({ kind: 'stack' })
        const now = this.#steadyMs()
        const spent = now === progress.began ? progress.fuelLeft <= 0 : now >= progress.deadline
        if (spent) throw new Stop({ kind: 'time' })
        this.#refuel(progress)
      },
      grow: (bytes) => {
        const progress = this.#progress
        if (progress === null) return
        const heap = bytes - HEAP_AT
        if (heap > progress.run.limits.memory_bytes) throw new Stop({ kind: 'memory' })
        progress.peakBytes = Math.max(progress.peakBytes, heap)
      },
      now: () => this.#varying()?.run.now ?? 0,
      offsetSeconds: (seconds) => {
        const progress = this.#varying()
        return progress === null ? 0 : offsetSecondsAt(progress.run.timeZone, seconds)
      },
      called: (which, values) => this.#called(which, values),
      aborted: () => {
        throw new Stop({ kind: 'crash', message: 'QuickJS gave up' })
      },
    }
  }

  #called(which: number, values: number): number {
    const progress = this.#current()
    const machine = this.#machine
    if (which === HOST_CALL.random) {
      progress.varies = true
      progress.random ??= seededRandom(seedOf(progress.run.seed))
      return machine.newNumber(progress.random())
    }
    if (which === HOST_CALL.log) {
      if (progress.logs.length >= progress.run.limits.log_lines) return 0
      this.#log(progress, { level: LEVELS[machine.number(values, 0)] ?? 'info', text: machine.string(values, 1) })
      return 0
    }
    if (which === HOST_CALL.fail) throw new Stop({ kind: 'told', text: machine.string(values, 0) })
    const length = machine.number(values, 0)
    if (length > progress.run.limits.result_bytes) throw new Stop({ kind: 'too-large', length })
    const answer: Verdict = { kind: 'answer', text: machine.string(values, 1) }
    if (!progress.ends) throw new Stop(answer)
    progress.answer = answer
    return 0
  }

  #log(progress: Progress, line: SandboxLogLine): void {
    const { log_lines, log_bytes } = progress.run.limits
    const bytes = line.text.length * 3 // in UTF-8, at most
    if (progress.logs.length >= log_lines || progress.logBytes + bytes > log_bytes * 3) return
    progress.logBytes += bytes
    progress.logs.push(line)
  }

  #refuel(progress: Progress): void {
    progress.fuelLeft -= FUEL_AT_ONCE
    this.#machine.refuel(FUEL_AT_ONCE)
  }

  #current(): Progress {
    if (this.#progress === null) throw new Stop({ kind: 'crash', message: 'Nothing is being run' })
    return this.#progress
  }

  #varying(): Progress | null {
    if (this.#progress !== null) this.#progress.varies = true
    return this.#progress
  }
}
