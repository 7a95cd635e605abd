import type { Clock } from '../platform/clock.ts'
import type { Platform } from '../platform/platform.ts'
import { Problem } from '../platform/problems.ts'
import type { Checkpoint } from './checkpoints.ts'
import type { Execution } from './execution.ts'
import type { Fold } from './fold.ts'
import { HEARTBEAT_MS, LEASE_MARGIN_MS, LEASE_MS } from './lease.ts'
import type { LogLine } from './log-lines.ts'
import type { Output } from './outputs.ts'
import { isStep } from './pipeline.ts'
import type { RunMemory } from './run-memory.ts'
import { Cancelled, SliceEnd } from './stops.ts'
import { runningProgress } from './transitions.ts'
import { type Pending, superseded, write, writeItem } from './write.ts'

const TICK_MS = 1_000 // log lines reach their reader within this time
const LINES_MAX = 200 // lines written at once
const CHECKPOINTS_MAX = 50 // written at once; nothing more is begun while so many wait
const LINGER_MS = 20 // what is done within it is written together; it is what a crash may cost beside the items in flight
const CLOSED = 'closed' // a reason of its own spares the making of an error
const SLICE_MARGIN_MS = 20_000 // time to write down what is in flight

/** Keeps one claim alive while a step works, writes down what is done, and tells the step when to stop. */
export class LeaseKeeper {
  readonly #platform: Platform
  readonly #execution: Execution
  readonly #memory: RunMemory
  #fold: Fold | null
  #abort: AbortController | null = null // few steps ask for it
  #closed = false
  #done: AbortController | null = null // few steps last long enough for it
  readonly #sliceEndsAt: number
  readonly #platformEndsAt: number
  #leaseExpiresAt: number
  #lastReportAt: number
  #firstLine = 0
  #lines: LogLine[] = []
  #checkpoints: Checkpoint[] = []
  #share = 0
  #worked = false
  #stop: Error | null = null
  #soon: Promise<void> | null = null
  #writing: Promise<void> | null = null

  constructor(
    platform: Platform,
    { execution, memory, fold }: { execution: Execution; memory: RunMemory; fold: Fold },
  ) {
    this.#platform = platform
    this.#execution = execution
    this.#memory = memory
    this.#fold = fold
    const now = platform.clock.now().getTime()
    this.#lastReportAt = now
    this.#leaseExpiresAt = execution.leaseExpiresAt?.getTime() ?? now
    this.#sliceEndsAt = now + platform.config.HELIX_SLICE_SECONDS * 1_000
    this.#platformEndsAt =
      platform.deadline === null ? Number.POSITIVE_INFINITY : platform.deadline.getTime() - SLICE_MARGIN_MS
  }

  /** Aborts when there is a reason to stop at once. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController()
    if (this.#stop !== null) this.#abort.abort(this.#stop)
    return this.#abort.signal
  }

  /** Starts the heartbeat; `close` ends it. */
  start(): void {
    void this.#beat()
  }

  /** What is pending then is for the last write, which ends the claim. */
  async close(): Promise<void> {
    this.#closed = true
    this.#done?.abort(CLOSED)
    while (this.#writing !== null) await this.#writing.catch(() => undefined) // told by whoever asked for that write
  }

  log(line: LogLine): void {
    this.#lines.push(line)
  }

  /**
   * Takes what an item gave. It is written in a moment, together with whatever else is done by then, or with the end of
   * the step; resolves at once unless too much waits to be written.
   */
  async keep(checkpoint: Checkpoint): Promise<void> {
    this.#checkpoints.push(checkpoint)
    if (this.#checkpoints.length >= CHECKPOINTS_MAX) await this.flush()
    else this.#soon ??= this.#flushSoon()
  }

  /** An item begins. A slice that was too short to begin one would be followed by others like it for ever. */
  begin(): void {
    this.#worked = true
  }

  /** The part of the step that is done; never falls. */
  setShare(share: number): void {
    this.#share = Math.max(this.#share, Math.min(1, share))
  }

  /** Takes what no report has written yet, for the write that ends the claim. */
  takePending(): Pending {
    const pending = { firstLine: this.#firstLine, lines: this.#lines, checkpoints: this.#checkpoints }
    this.#firstLine += this.#lines.length
    this.#lines = []
    this.#checkpoints = []
    return pending
  }

  /** Takes back what a refused write has not written: the next one is another end of the same claim. */
  putBack({ firstLine, lines, checkpoints }: Pending): void {
    this.#firstLine = firstLine
    this.#lines = [...lines, ...this.#lines]
    this.#checkpoints = [...checkpoints, ...this.#checkpoints]
  }

  /** Files of items that are done, which no report has written yet. */
  pendingOutputs(): Output[] {
    return this.#checkpoints.flatMap(({ outputs }) => outputs)
  }

  /** @throws {Problem} `lease_lost` when another worker may hold the execution by now */
  assertHeld(): void {
    if (this.#stop instanceof Problem && this.#stop.code === 'lease_lost') throw this.#stop
    if (!this.mayHold()) throw this.lose()
  }

  /**
   * Asks the store where the lease may have lapsed: a process that got no processor for so long goes on with its work,
   * unless somebody else has it by now.
   * @throws {Problem} `lease_lost`, `store_unavailable`
   */
  async assureHeld(): Promise<void> {
    if (this.#stop instanceof Problem && this.#stop.code === 'lease_lost') throw this.#stop
    if (!this.mayHold()) await this.flush()
  }

  /** Whether the lease, as this worker last heard of it, still runs. */
  mayHold(): boolean {
    return this.#platform.clock.now().getTime() <= this.#leaseExpiresAt - LEASE_MARGIN_MS
  }

  lose(): Problem {
    const problem = superseded(this.#execution)
    this.#end(problem)
    return problem
  }

  /** Why no further item may start, or null. @param hard leaves out the end of a slice, which lets items in flight end */
  reasonToStop(hard = false): Error | null {
    if (this.#stop !== null) return this.#stop
    const { stopping } = this.#platform
    if (stopping.reason instanceof Problem) {
      this.#end(stopping.reason)
      return this.#stop
    }
    const now = this.#platform.clock.now()
    const { deadlineAt, timeoutMs, executionId } = this.#execution
    if (deadlineAt !== null && now >= deadlineAt) {
      this.#end(
        new Problem('step_timeout', `${executionId} took longer than ${Math.round(timeoutMs / 60_000)} minutes`),
      )
      return this.#stop
    }
    if (hard) return null
    if (stopping.aborted) return new SliceEnd('The process is asked to stop')
    const endsAt = this.#worked ? Math.min(this.#sliceEndsAt, this.#platformEndsAt) : this.#platformEndsAt
    return now.getTime() >= endsAt ? new SliceEnd('The time of this slice is over') : null
  }

  /**
   * Writes what is pending and extends the lease.
   * @throws {Problem} `lease_lost` when the claim was superseded; `store_unavailable`, and everything is pending again
   */
  async flush(): Promise<void> {
    while (this.#writing !== null) await this.#writing
    this.#writing = this.#report().finally(() => {
      this.#writing = null
    })
    await this.#writing
  }

  /** The store knows the execution, whatever waits beside it: nothing comes before its reports. */
  isKnown(): void {
    this.#fold = null
  }

  async #settle(): Promise<void> {
    try {
      await this.#fold?.settle()
    } catch (error) {
      throw error instanceof Problem && error.code === 'lease_lost' ? this.lose() : error
    }
  }

  #end(reason: Error): void {
    this.#stop ??= reason
    this.#abort?.abort(this.#stop)
  }

  async #beat(): Promise<void> {
    await moment(this.#platform.clock)
    if (this.#closed) return
    this.#done = new AbortController()
    while (!this.#closed) {
      await this.#platform.clock.sleep(TICK_MS, this.#done.signal)
      if (this.#closed) return
      if (this.reasonToStop(true) !== null) continue
      const now = this.#platform.clock.now().getTime()
      if (this.#lines.length > 0 || now - this.#lastReportAt >= HEARTBEAT_MS) await this.#tryFlush()
    }
  }

  /** Lets what is done in the same moment go together; a step that ends in it needs no write of its own. */
  async #flushSoon(): Promise<void> {
    try {
      do {
        await moment(this.#platform.clock)
      } while (!this.#closed && (await this.#tryFlush()) && this.#checkpoints.length > 0)
    } finally {
      this.#soon = null
    }
  }

  /** @returns false when it failed: the next tick tries again, and the lease lapses if the store does not come back */
  async #tryFlush(): Promise<boolean> {
    try {
      await this.flush()
      return true
    } catch (cause) {
      const { executionId } = this.#execution
      if (this.#stop === null)
        this.#platform.log('background.failed', { what: 'heartbeat', executionId, message: String(cause) })
      return false
    }
  }

  async #report(): Promise<void> {
    await this.#settle()
    const { store, clock } = this.#platform
    const at = clock.now()
    const leaseExpiresAt = new Date(at.getTime() + LEASE_MS)
    const lines = this.#lines.slice(0, LINES_MAX)
    const checkpoints = this.#checkpoints.slice(0, CHECKPOINTS_MAX)
    const change = {
      at,
      sources: ['running' as const],
      share: this.#share,
      ...(isStep(this.#execution.step) ? { task_progress: runningProgress(this.#execution.step, this.#share) } : {}),
      lease_expires_at: leaseExpiresAt,
    }
    const written = await write(
      store,
      writeItem(this.#execution, change, { firstLine: this.#firstLine, lines, checkpoints }),
    )
    if (written === null) throw this.lose()
    this.#lines.splice(0, lines.length)
    this.#firstLine += lines.length
    this.#checkpoints.splice(0, checkpoints.length)
    this.#lastReportAt = at.getTime()
    this.#leaseExpiresAt = leaseExpiresAt.getTime()
    this.#memory.remember({ lines, checkpoints })
    if (written.cancel_requested) this.#end(new Cancelled(`${this.#execution.executionId} was cancelled`))
    await this.#memory.appendLog(this.#platform)
  }
}

const moments = new WeakMap<Clock, Promise<void>>()

/** Resolves within `LINGER_MS`: one timer for all who wait, since most steps are over by then. */
function moment(clock: Clock): Promise<void> {
  let ends = moments.get(clock)
  if (ends === undefined) {
    ends = clock.sleep(LINGER_MS).finally(() => moments.delete(clock))
    moments.set(clock, ends)
  }
  return ends
}
