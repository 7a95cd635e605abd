import type { Platform } from '../platform/platform.ts'
import { Problem } from '../platform/problems.ts'
import type { Execution } from './execution.ts'
import { HEARTBEAT_MS, LEASE_MARGIN_MS, LEASE_MS } from './lease.ts'
import { type LogLine, renderLogLines } from './log-lines.ts'
import { report } from './report.ts'
import { Cancelled, SliceEnd } from './stops.ts'
import { runningProgress } from './transitions.ts'

const TICK_MS = 1_000 // log lines reach their reader within this time
const LINES_MAX = 200 // lines written at once
const SLICE_MARGIN_MS = 20_000 // time to write down what is in flight

/** Keeps one claim alive while a step works, and tells the step when to stop. */
export class LeaseKeeper {
  readonly signal: AbortSignal
  readonly #platform: Platform
  readonly #execution: Execution
  readonly #abort = new AbortController()
  readonly #done = new AbortController()
  readonly #sliceEndsAt: number
  readonly #platformEndsAt: number
  #leaseExpiresAt: number
  #lastReportAt: number
  #lines: LogLine[] = []
  #share = 0
  #worked = false
  #stop: Error | null = null
  #loop: Promise<void> = Promise.resolve()

  constructor(platform: Platform, execution: Execution) {
    this.#platform = platform
    this.#execution = execution
    this.signal = this.#abort.signal
    const now = platform.clock.now().getTime()
    this.#lastReportAt = now
    this.#leaseExpiresAt = execution.leaseExpiresAt?.getTime() ?? now
    this.#sliceEndsAt = now + platform.config.HELIX_SLICE_SECONDS * 1_000
    this.#platformEndsAt =
      platform.deadline === null ? Number.POSITIVE_INFINITY : platform.deadline.getTime() - SLICE_MARGIN_MS
  }

  /** Starts the heartbeat; `close` ends it. */
  start(): void {
    this.#loop = this.#beat()
  }

  async close(): Promise<void> {
    this.#done.abort()
    await this.#loop
  }

  log(line: LogLine): void {
    this.#lines.push(line)
  }

  /** An item begins. A slice that was too short to begin one would be followed by others like it for ever. */
  begin(): void {
    this.#worked = true
  }

  /** The part of the step that is done; never falls. */
  setShare(share: number): void {
    this.#share = Math.max(this.#share, Math.min(1, share))
  }

  get share(): number {
    return this.#share
  }

  /** Takes the lines that no report has written yet. */
  takeLines(): LogLine[] {
    return this.#lines.splice(0)
  }

  /** @throws {Problem} `lease_lost` when another worker may hold the execution by now */
  assertHeld(): void {
    if (this.#stop instanceof Problem && this.#stop.code === 'lease_lost') throw this.#stop
    if (this.#platform.clock.now().getTime() > this.#leaseExpiresAt - LEASE_MARGIN_MS) throw this.lose()
  }

  lose(): Problem {
    const { executionId, claim } = this.#execution
    const problem = new Problem('lease_lost', `Claim ${claim} of ${executionId} was superseded`)
    this.#end(problem)
    return problem
  }

  requestCancel(): void {
    this.#end(new Cancelled(`${this.#execution.executionId} was cancelled`))
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

  #end(reason: Error): void {
    this.#stop ??= reason
    this.#abort.abort(this.#stop)
  }

  async #beat(): Promise<void> {
    while (!this.#done.signal.aborted) {
      await this.#platform.clock.sleep(TICK_MS, this.#done.signal)
      if (this.#done.signal.aborted) return
      try {
        await this.#tick()
      } catch (cause) {
        // The store may be back at the next tick; the lease lapses if it is not.
        const { executionId } = this.#execution
        this.#platform.log('background.failed', { what: 'heartbeat', executionId, message: String(cause) })
      }
    }
  }

  async #tick(): Promise<void> {
    if (this.reasonToStop(true) !== null) return
    const now = this.#platform.clock.now().getTime()
    if (this.#lines.length === 0 && now - this.#lastReportAt < HEARTBEAT_MS) return
    await this.flush()
  }

  /** Writes what is pending and extends the lease. */
  async flush(): Promise<void> {
    const lines = this.#lines.splice(0, LINES_MAX)
    const now = this.#platform.clock.now()
    const leaseExpiresAt = new Date(now.getTime() + LEASE_MS)
    const { executionId, taskId, step, claim } = this.#execution
    const progress = runningProgress(step, this.#share)
    let answer: Awaited<ReturnType<typeof report>>
    try {
      const state = { share: this.#share, progress, lines, leaseExpiresAt }
      answer = await report(this.#platform.store, { executionId, taskId, step, claim }, state, now)
    } catch (cause) {
      this.#lines.unshift(...lines)
      throw cause
    }
    if (answer === 'lost') {
      this.lose()
      return
    }
    this.#lastReportAt = now.getTime()
    this.#leaseExpiresAt = leaseExpiresAt.getTime()
    if (answer === 'cancel-requested') this.requestCancel()
    if (lines.length > 0) {
      const text = renderLogLines(lines, this.#platform.clock.timeZone)
      await this.#platform.files.append(`${taskId}/data_pipeline.log`, text)
    }
  }
}
